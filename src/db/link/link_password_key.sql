-- Key of the throttle of wrong passwords on the pages behind an account's links. Ids of accounts
-- are no secret, so it is not keyed.
CREATE OR REPLACE FUNCTION edgegate.link_password_key(user_id uuid) RETURNS bytea
LANGUAGE sql IMMUTABLE
AS $$ SELECT sha256(convert_to('link password ' || link_password_key.user_id::text, 'UTF8')) $$;
