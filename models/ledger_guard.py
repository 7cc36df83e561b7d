"""The ledger is append-only, and the database itself sees to it."""

GUARD = (
    """
    CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'the ledger (%) is append-only: write a compensating event instead', TG_TABLE_NAME;
    END $$
    """,
    """
    CREATE TRIGGER events_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """,
)
UNGUARD = ("DROP TRIGGER events_are_append_only ON events", "DROP FUNCTION refuse_change()")
