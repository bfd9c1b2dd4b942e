-- Metadata with members set; null removes one.
CREATE OR REPLACE FUNCTION edgegate.merge_metadata(metadata jsonb, changes jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE
AS $$
    SELECT coalesce(jsonb_object_agg(m.key, m.value), '{}')
    FROM jsonb_each(metadata || coalesce(changes, '{}')) AS m
    WHERE m.value <> 'null'
$$;
