-- Key of the counter of wrong passwords on the pages behind links. Ids of accounts are no secret,
-- so it needs none.
CREATE OR REPLACE FUNCTION edgegate.link_password_key(owner uuid) RETURNS bytea
LANGUAGE sql IMMUTABLE
AS $$ SELECT sha256(convert_to('link password ' || owner::text, 'UTF8')) $$;
