-- Whether metadata may be changed so: what comes of it is small enough, or no larger than it was.
CREATE OR REPLACE FUNCTION edgegate.metadata_fits(before jsonb, changes jsonb, max_bytes integer) RETURNS boolean
LANGUAGE sql IMMUTABLE
AS $$
    SELECT octet_length(edgegate.merge_metadata(before, changes)::text)
        <= greatest(max_bytes, octet_length(before::text))
$$;
