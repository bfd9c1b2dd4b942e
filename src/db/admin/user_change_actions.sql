-- What changes that an administrator asks for come to, as the actions of the audit trail.
CREATE OR REPLACE FUNCTION edgegate.user_change_actions(before edgegate.users, changes jsonb) RETURNS text[]
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    actions text[] := '{}';
BEGIN
    IF changes ? 'banned_until' THEN
        actions := actions || CASE WHEN changes ->> 'banned_until' IS NOT NULL THEN 'banned' ELSE 'unbanned' END;
    END IF;
    IF changes ? 'new_hash' THEN
        actions := actions || 'password_changed'::text;
    END IF;
    IF changes ? 'email' AND lower((changes ->> 'email') COLLATE "C") IS DISTINCT FROM before.email_key THEN
        actions := actions || 'email_changed'::text;
    END IF;
    IF changes ? 'confirmed' AND before.email_confirmed_at IS NULL THEN
        actions := actions || 'email_confirmed'::text;
    END IF;
    IF changes ?| ARRAY['user_metadata', 'app_metadata', 'role'] OR actions = '{}' THEN
        actions := actions || 'updated'::text;
    END IF;
    RETURN actions;
END
$$;
