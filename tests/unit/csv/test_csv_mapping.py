"""Columns for fields, on the command line and in a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from streams.errors import SettingsError
from streams.intake.csv_mapping import Mapping, Source, find_column
from streams.intake.csv_mapping_file import load_format

NEEDED = ["customer_id=顧客コード", "occurred_at=日付"]


def sources(*pairs: str, topic: str = "purchases") -> dict[str, Source]:
    return {source.field: source for source in Mapping.parse(pairs, topic).sources}


def test_a_pair_names_a_column_and_quotes_make_a_constant() -> None:
    found = sources(*NEEDED, "amount = 金額", "type='renewal'", 'reason="a = b"')
    assert found["amount"] == Source("amount", column="金額")
    assert found["type"] == Source("type", constant="renewal")
    assert found["reason"] == Source("reason", constant="a = b")


def test_purchases_are_purchases_unless_something_else_is_said() -> None:
    assert sources(*NEEDED)["type"] == Source("type", constant="purchase")
    assert sources(*NEEDED, "type=区分")["type"] == Source("type", column="区分")


def test_a_list_may_name_its_separator() -> None:
    accounts = ["customer_id=ID", "name=Name", "kind='b2b'"]
    found = sources(*accounts, "domains=Web;", "departments=部署、", "aliases=別名", topic="accounts")
    assert found["domains"] == Source("domains", column="Web", separator=";")
    assert found["departments"] == Source("departments", column="部署", separator="、")
    assert found["aliases"] == Source("aliases", column="別名")


def test_nested_fields_and_foreign_ids_are_fields() -> None:
    assert sources(*NEEDED, "contact.id=担当", "items.sku=品番").keys() >= {"contact.id", "items.sku"}
    accounts = ["customer_id=ID", "name=Name", "kind='b2b'", "external_ids.sfdc=SFDC"]
    assert "external_ids.sfdc" in sources(*accounts, topic="accounts")


@pytest.mark.parametrize(
    ("pairs", "why"),
    [
        ([*NEEDED, "amont=金額"], "no field 'amont'; did you mean amount"),
        ([*NEEDED, "amount"], "expected field=Column"),
        ([*NEEDED, "amount="], "expected field=Column"),
        ([*NEEDED, "amount=A", "amount=B"], "amount is mapped twice"),
        (["amount=金額"], "purchases needs customer_id, occurred_at"),
        ([*NEEDED, "event_id=番号"], "with --id"),
    ],
)
def test_a_mapping_that_cannot_be_meant_is_refused(pairs: list[str], why: str) -> None:
    with pytest.raises(SettingsError, match=why):
        Mapping.parse(pairs, "purchases")


def test_other_topics_are_refused() -> None:
    with pytest.raises(SettingsError, match="CSV can be loaded into purchases, crm-activities, accounts"):
        Mapping.parse(NEEDED, "signals")


def test_columns_are_found_whatever_their_width_and_case() -> None:
    assert find_column("金額(税抜)", ["日付", " 金額（税抜） "], 2) == 1
    assert find_column("AMOUNT", ["Date", "Ａmount"], 2) == 1
    assert find_column("#2", ["Date", "Amount"], 2) == 1
    assert find_column("2", None, 4) == 1
    assert find_column("2", ["1", "2", "3"], 3) == 1  # a name, where there are names


@pytest.mark.parametrize(
    ("column", "header", "why"),
    [
        (
            "purchase",
            ["Date", "Amount"],
            r"no column 'purchase'; found 'Date', 'Amount'. A constant is written in quotes",
        ),
        ("Amount", ["Amount", "Date", "amount"], "stands 2 times; say which by its number: #1 or #3"),
        ("#3", ["Date", "Amount"], "the table has columns 1 to 2"),
        ("#0", ["Date", "Amount"], "the table has columns 1 to 2"),
        ("Amount", None, "without a header columns are numbers, 1 to 2"),
    ],
)
def test_a_column_that_is_not_there_is_told_with_those_that_are(
    column: str, header: list[str] | None, why: str
) -> None:
    with pytest.raises(SettingsError, match=why):
        find_column(column, header, 2)


YAML_FORMAT = """
topic: purchases
id: 伝票番号
encoding: cp932
map:
  customer_id: 顧客コード
  occurred_at: {column: 日付, format: "%d/%m/%Y"}
  amount: 金額
  currency: {value: USD}
  type: {column: 区分, values: {売上: purchase, 返品: refund}}
"""
TOML_FORMAT = """
topic = "purchases"
id = "伝票番号"
encoding = "cp932"
[map]
customer_id = "顧客コード"
occurred_at = {column = "日付", format = "%d/%m/%Y"}
amount = "金額"
currency = "'USD'"
type = {column = "区分", values = {"売上" = "purchase", "返品" = "refund"}}
"""


FORMATTED = 'topic: purchases\nmap: {customer_id: A, occurred_at: {column: B, format: "%s"}}'


@pytest.mark.parametrize(("name", "text"), [("f.yaml", YAML_FORMAT), ("f.toml", TOML_FORMAT)])
def test_a_file_says_the_same_in_yaml_and_toml(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    table = load_format(path)
    assert (table.topic, table.id_column, table.encoding, table.header) == ("purchases", "伝票番号", "cp932", True)
    assert table.mapping.sources == (
        Source("customer_id", column="顧客コード"),
        Source("occurred_at", column="日付", date_format="%d/%m/%Y"),
        Source("amount", column="金額"),
        Source("currency", constant="USD"),
        Source("type", column="区分", values={"売上": "purchase", "返品": "refund"}),
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("map: {customer_id: A, occurred_at: B}", "topic is missing"),
        ("topic: purchases", "map: expected field: Column lines"),
        ("topic: purchases\nmapp: {}", "unknown key 'mapp'"),
        ("topic: purchases\nmap: {customer_id: A, occurred_at: {colunm: B}}", "map.occurred_at: unknown key 'colunm'"),
        ("topic: purchases\nmap: {customer_id: A, occurred_at: {column: B, value: C}}", "either column or value"),
        ("topic: purchases\nheader: 1\nmap: {customer_id: A, occurred_at: B}", "header: expected true or false"),
        ("topic: purchases\nmap: {customer_id: A, customer_id: B}", "cannot be read"),
        ("- a", "expected keys"),
        (FORMATTED % "%d/%d/%Y", "map.occurred_at.format: '%d/%d/%Y' is no strptime pattern"),
        (FORMATTED % "%Y-%q", "map.occurred_at.format: '%Y-%q' is no strptime pattern"),
        (FORMATTED % "%Y-%m-%", "map.occurred_at.format: '%Y-%m-%' is no strptime pattern"),
        ("topic: purchases\nmap: {customer_id: A, occurred_at: B, amont: C}", "did you mean amount"),
    ],
)
def test_a_file_with_a_fault_is_refused_by_name(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "format.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=r"format\.yaml: .*" + why):
        load_format(path)


def test_numbers_of_columns_need_no_quotes_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "f.yaml"
    path.write_text(
        "topic: purchases\nheader: false\nmap: {customer_id: 1, occurred_at: {column: 2}}", encoding="utf-8"
    )
    table = load_format(path)
    assert not table.header
    assert [source.column for source in table.mapping.sources] == ["1", "2", None]


def test_pairs_override_a_files_fields(tmp_path: Path) -> None:
    path = tmp_path / "f.yaml"
    path.write_text(YAML_FORMAT, encoding="utf-8")
    mapping = load_format(path).mapping.with_pairs(["amount=税込", "reason=備考"], "purchases")
    found = {source.field: source.column for source in mapping.sources}
    assert (found["amount"], found["reason"], found["customer_id"]) == ("税込", "備考", "顧客コード")
