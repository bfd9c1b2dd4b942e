-- What `app_metadata` says of an account that is signed in to by its address. The same as
-- `email_app_metadata` in Rust (`domain/account/user.rs`).
CREATE OR REPLACE FUNCTION edgegate.email_app_metadata() RETURNS jsonb
LANGUAGE sql IMMUTABLE
AS $$
    SELECT '{"provider": "email", "providers": ["email"]}'::jsonb
$$;
