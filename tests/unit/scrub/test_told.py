"""Secrets that texts tell by name: what goes, what stays."""

import time

import msgspec
import pytest

from vedette.core.remarks import Remarks
from vedette.scrub.redact import Redactor
from vedette.scrub.rules import ScrubSettings, compile_settings

F = "[Filtered]"


def scrubbed(text: str, words: tuple[str, ...] = ()) -> str:
    rules = compile_settings(ScrubSettings(sensitive_fields=words)).everywhere
    return Redactor(Remarks(), frozenset()).text(text, rules, ())


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (r"args {\"password\": \"hunter2\"}", rf"args {{\"password\": \"{F}\"}}"),
        (r"a {\\\"token\\\": \\\"x\ny\\\", \\\"b\\\": 1}", rf"a {{\\\"token\\\": \\\"{F}\\\", \\\"b\\\": 1}}"),
        ('payload {"password": 12345, "a": 1}', f'payload {{"password": {F}, "a": 1}}'),
        ('headers {"Authorization": ["Basic x"], "a": 1}', f'headers {{"Authorization": {F}, "a": 1}}'),
        ('x {"auth": {"user": "ada"}}', f'x {{"auth": {F}}}'),
        ('x {"password": "it\'s \\"mine\\""}', f'x {{"password": "{F}"}}'),
        ("{'token': \"it's\", 'a': 'b'}", f"{{'token': \"{F}\", 'a': 'b'}}"),
        ("UPDATE u SET password = 'hunter2' WHERE id = 5", f"UPDATE u SET password = '{F}' WHERE id = 5"),
        ('SET "u"."password"=\'it\'\'s\', a = \'b\'', f'SET "u"."password"=\'{F}\', a = \'b\''),
        ("WHERE u.api_key != 'k'", f"WHERE u.api_key != '{F}'"),
        ('{"password"=>"hunter2", :token=>"t", "a"=>"b"}', f'{{"password"=>"{F}", :token=>"{F}", "a"=>"b"}}'),
        ("password = hunter2", f"password = {F}"),
        ("client_secret= s3cr3t!", f"client_secret= {F}"),
        ("Authorization: Basic dXNlcjpwYXNz", f"Authorization: Basic {F}"),
        ("curl -u a Basic dXNlcjpwYXNz x", f"curl -u a Basic {F} x"),
        ("Authorization: Token 0a1b2c3d", f"Authorization: Token {F}"),
        ("curl -H 'X-Api-Key: abc123' http://a/", f"curl -H 'X-Api-Key: {F}' http://a/"),
        ("login(password: \"hunter2\", name: 'ada')", f"login(password: \"{F}\", name: 'ada')"),
        ("(password: hunter2)", f"(password: {F})"),
        ("ALTER USER app WITH ENCRYPTED PASSWORD 'it''s' LOGIN", f"ALTER USER app WITH ENCRYPTED PASSWORD '{F}' LOGIN"),
        ("CREATE LOGIN joe WITH PASSWORD = N'hunter2'", f"CREATE LOGIN joe WITH PASSWORD = N'{F}'"),
        ('CREATE ROLE a PASSWORD "true"', f'CREATE ROLE a PASSWORD "{F}"'),
        ("SET PASSWORD FOR 'bob'@'%' = 'hunter2'", f"SET PASSWORD FOR 'bob'@'%' = '{F}'"),
        ("set password for bob = PASSWORD( 'hunter2')", f"set password for bob = PASSWORD( '{F}')"),
        ("CREATE USER a IDENTIFIED BY 'x', b IDENTIFIED BY 'y'", f"CREATE USER a IDENTIFIED BY '{F}', b IDENTIFIED BY '{F}'"),
        ("GRANT ALL ON *.* TO a IDENTIFIED BY PASSWORD '*81F5'", f"GRANT ALL ON *.* TO a IDENTIFIED BY PASSWORD '{F}'"),
        ("alter user a\nidentified with sha256 as 'h'", f"alter user a\nidentified with sha256 as '{F}'"),
        ("ALTER USER a IDENTIFIED BY tiger REPLACE lion", f"ALTER USER a IDENTIFIED BY {F} REPLACE lion"),
        (r"query \"ALTER USER a PASSWORD \'hunter2\'\"", rf"query \"ALTER USER a PASSWORD \'{F}\'\""),
        ("Wrong password 'hunter2' for ada", f"Wrong password '{F}' for ada"),
        ("user: ada, password: hunter2, x: 1", f"user: ada, password: {F}, x: 1"),
    ],
)  # fmt: skip
def test_a_secret_goes_however_it_is_told(text: str, kept: str):
    assert scrubbed(text) == kept
    assert scrubbed(kept) == kept
    assert compile_settings(ScrubSettings()).sees_in_texts(msgspec.json.encode([text]))


@pytest.mark.parametrize(
    "text",
    [
        "token bucket is full",
        "Invalid token: expired",
        "Unexpected token: }",
        "Unexpected token 'u', \"undefined\" is not valid JSON",
        "AuthenticationError: 401 Unauthorized",
        "InvalidTokenError: Signature has expired",
        "password: required",
        "query($password: String!)",
        "max_tokens: 409600, time_to_first_token: 0.523411",
        '{"prompt_tokens": 12, "is_authenticated": true} x',
        "SELECT 1 WHERE token = $1 AND password = %s AND secret = ? AND api_key = :k",
        "a JOIN b ON a.token = b.token AND a.auth_user_id = 5",
        '"a"."auth_token" = "b"."auth_token"',
        "GET auth:user:42",
        "basic understanding of basic functionality, basic auth",
        "password = '' OR token = NULL",
        "{'password': '', 'token': None}",
        "author: Ada 1815",
        "order identified by 'abc-1' is gone, the one identified by abc-2 too",
        "ALTER USER app WITH PASSWORD NULL",
        "password 'required'",
        "CREATE TABLE users (id int, password varchar(20))",
    ],
)
def test_prose_columns_and_placeholders_stay(text: str):
    assert scrubbed(text) == text


def test_the_words_of_a_project_are_told_by_name_too():
    assert scrubbed("iban: DE02, shoe = 'x', n {\"iban\": 7}", words=("iban",)) == (
        f"iban: {F}, shoe = 'x', n {{\"iban\": {F}}}"
    )


@pytest.mark.thorough
@pytest.mark.parametrize(
    "piece",
    ["token='", 'token="', "token: ", "token= ", '"token":', '"token":[', "token\\", "\\", "token \t", "'", "a=b ", "a: b ", "create password '", "identified with x ", "set password for ", "create identified by (password "],
)  # fmt: skip
def test_the_work_is_linear_in_the_text(piece: str):
    start = time.thread_time()
    scrubbed(piece * (200_000 // len(piece)))
    assert time.thread_time() - start < 2
