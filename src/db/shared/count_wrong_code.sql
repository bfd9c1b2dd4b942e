-- Counts a wrong try against each open code of these kinds that it might have been. Returns an
-- account whose code it was, the first by id; null for none. Disputed codes are confirmed by
-- nobody, and one that had its `max_failures` since `failures_since` is dead.
CREATE OR REPLACE FUNCTION edgegate.count_wrong_code(
    user_ids uuid[], kinds text[], failures_since timestamptz, max_failures integer, now timestamptz
) RETURNS uuid
LANGUAGE sql VOLATILE
AS $$
    WITH guessed AS (
        UPDATE edgegate.one_time_tokens t SET
            code_failures = CASE WHEN t.code_failures_since > failures_since THEN t.code_failures + 1 ELSE 1 END,
            code_failures_since = CASE
                WHEN t.code_failures_since > failures_since THEN t.code_failures_since
                ELSE now
            END
        WHERE t.user_id = ANY (user_ids)
            AND t.kind = ANY (kinds)
            AND t.expires_at > now
            AND t.consumed_at IS NULL
            AND NOT t.disputed
            AND (t.code_failures < max_failures OR t.code_failures_since <= failures_since)
        RETURNING t.user_id
    )
    SELECT min(guessed.user_id::text)::uuid FROM guessed
$$;
