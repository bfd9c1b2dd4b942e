-- Makes the accounts of a batch for which there is room. Returns how many were made, how many were
-- there already, and which lines were refused and why. A batch may be sent again.
CREATE OR REPLACE FUNCTION edgegate.import_users(batch jsonb, audit jsonb, now timestamptz) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    made uuid[] := edgegate.insert_imported_users(batch, now);
    answer jsonb := edgegate.imported_users_result(batch, made);
BEGIN
    IF cardinality(made) > 0 THEN
        PERFORM edgegate.record_event(audit, NULL, 'users_imported', now);
    END IF;
    RETURN answer;
END
$$;
