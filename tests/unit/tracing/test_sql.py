import time

import pytest

from vedette.tracing.sql import parse_query


@pytest.mark.parametrize(
    ("text", "normalized", "action", "tables"),
    [
        ("SELECT * FROM users WHERE id = 42 AND name = 'O''Brien' -- x", "SELECT * FROM users WHERE id = %s AND name = %s", "SELECT", "users"),
        ("select a from `shop`.`orders` o, items i where o.id in (1, 2,3) and x=-1;", "SELECT a FROM shop.orders o, items i WHERE o.id IN (%s) AND x = %s", "SELECT", "shop.orders items"),
        ("SELECT y - 1 FROM t LIMIT 10", "SELECT y - %s FROM t LIMIT %s", "SELECT", "t"),
        ('INSERT INTO "t" (a,b) VALUES (1,\'x\'),(2,\'y\'), (%s, %s) RETURNING "id"', "INSERT INTO t(a, b) VALUES (%s) RETURNING id", "INSERT", "t"),
        ("WITH r AS (SELECT id FROM orders WHERE ts > $1) DELETE FROM carts USING r", "WITH r AS (SELECT id FROM orders WHERE ts > %s) DELETE FROM carts USING r", "DELETE", "orders carts"),
        ('SAVEPOINT "s140_x1"', "SAVEPOINT %s", "SAVEPOINT", ""),
        ("ROLLBACK TO SAVEPOINT s9", "ROLLBACK TO SAVEPOINT %s", "ROLLBACK", ""),
        ("BEGIN", "BEGIN", "BEGIN", ""),
        ("UPDATE public.users SET a = a + 1, b = TRUE WHERE id = :id", "UPDATE public.users SET a = a + %s, b = %s WHERE id = %s", "UPDATE", "public.users"),
        ("SELECT %s AS sku", "SELECT %s AS sku", "SELECT", ""),
        ("SELECT COUNT(*) FROM (SELECT 1 FROM a LEFT JOIN b ON b.x = a.x) q", "SELECT COUNT(*) FROM (SELECT %s FROM a LEFT JOIN b ON b.x = a.x) q", "SELECT", "a b"),
        ("SELECT x FROM generate_series(1,10)", "SELECT x FROM generate_series(%s)", "SELECT", ""),
        ("SELECT col->>'key' FROM logs_2024_01_02", "SELECT col ->> %s FROM logs_%s_%s_%s", "SELECT", "logs_%s_%s_%s"),
        ("SELECT T1.id FROM x T1 WHERE h = 0xFF AND e=1.5e-3", "SELECT T1.id FROM x T1 WHERE h = %s AND e = %s", "SELECT", "x"),
        ("SELECT $tag$ it's $tag$, 'unterminated", "SELECT %s", "SELECT", ""),
        ("/* trace=1 */ SELECT 1", "SELECT %s", "SELECT", ""),
        ("SELECT 'cut in an escape\\", "SELECT %s", "SELECT", ""),
        ("DROP TABLE IF EXISTS foo CASCADE", "DROP TABLE IF EXISTS foo CASCADE", "DROP", "foo"),
        ("SELECT * FROM [dbo].[Users] WHERE [Id] = @id", "SELECT * FROM dbo.Users WHERE Id = %s", "SELECT", "dbo.Users"),
        ("SELECT a FROM t WHERE x NOT IN (%(a_1)s, %(a_2)s)", "SELECT a FROM t WHERE x NOT IN (%s)", "SELECT", "t"),
        ("SELECT a FROM t WHERE b IS NULL AND c::text = '5'", "SELECT a FROM t WHERE b IS NULL AND c::text = %s", "SELECT", "t"),
        ('ALTER ROLE a ENCRYPTED PASSWORD "it is" LOGIN', "ALTER ROLE a ENCRYPTED PASSWORD %s LOGIN", "ALTER", ""),
        ('CREATE OR REPLACE USER u PASSWORD = "x" ROLE r', "CREATE OR REPLACE USER u PASSWORD = %s ROLE r", "CREATE", ""),
        ("CREATE USER a IDENTIFIED BY tiger, b IDENTIFIED WITH p AS \"h\"", "CREATE USER a IDENTIFIED BY %s, b IDENTIFIED WITH p AS %s", "CREATE", ""),
        ('SET PASSWORD FOR bob = PASSWORD("x")', "SET PASSWORD FOR bob = PASSWORD(%s)", "SET", ""),
        ('SET PASSWORD FOR bob = "x"', "SET PASSWORD FOR bob = %s", "SET", ""),
        ('GRANT ALL ON a TO u IDENTIFIED BY PASSWORD "h"', "GRANT ALL ON a TO u IDENTIFIED BY PASSWORD %s", "GRANT", ""),
        ("ALTER USER a IDENTIFIED BY [Filtered] REPLACE lion", "ALTER USER a IDENTIFIED BY %s REPLACE %s", "ALTER", ""),
        ("CREATE TABLE u (password text)", "CREATE TABLE u(password text)", "CREATE", "u"),
        ("GRANT SELECT ON x TO y WITH GRANT OPTION", "GRANT SELECT ON x TO y WITH GRANT OPTION", "GRANT", ""),
    ],
)  # fmt: skip
def test_a_query_loses_its_values_and_tells_action_and_tables(
    text: str, normalized: str, action: str, tables: str
) -> None:
    found = parse_query(text)
    assert found is not None
    assert (found.normalized, found.action, " ".join(found.tables)) == (normalized, action, tables)


@pytest.mark.parametrize("text", ["", "connect", "find users", "GET user:1", "(", ";"])
def test_what_is_no_sql_is_none(text: str) -> None:
    assert parse_query(text) is None


@pytest.mark.thorough
@pytest.mark.parametrize(
    "piece", ["'", '"', "/*", "-", "$", "(1),", "$a$", "a.b,", "\\'", "[", "1 - ", "9", "SELECT(", "%s,"]
)
def test_the_work_is_linear_in_the_text(piece: str) -> None:
    start = time.thread_time()
    parse_query("SELECT " + piece * 100_000)
    assert time.thread_time() - start < 1
