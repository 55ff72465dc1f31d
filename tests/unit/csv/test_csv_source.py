"""Tables as events."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.errors import SettingsError
from streams.intake.companies import Directory
from streams.intake.csv_mapping import Mapping
from streams.intake.csv_mapping_file import load_format
from streams.intake.csv_source import Row, read_csv, read_rows
from streams.intake.intake import Accepted, Intake, IntakeSettings

PURCHASES = ["customer_id=顧客コード", "occurred_at=日付", "amount=金額"]
HEADER = "顧客コード,日付,金額,備考\n"
LATER_MS = 4_000_000_000_000


def load(path: Path, text: str, pairs: list[str], topic: str = "purchases", **options: object) -> list[Row]:
    path.write_text(text, encoding="utf-8")
    mapping = Mapping.parse(pairs, topic)
    return list(read_csv(path, topic, mapping, "Asia/Tokyo", **options))  # type: ignore[arg-type]


def values(rows: list[Row]) -> list[dict[str, object] | None]:
    return [row.value for row in rows]


def ids(rows: list[Row]) -> list[str]:
    return [row.value["event_id"] for row in rows if row.value is not None]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return tmp_path / "table.csv"


def test_a_row_is_an_event(table: Path) -> None:
    (row,) = load(table, HEADER + 'C-1,2025/1/31,"¥1,200",x\n', [*PURCHASES, "reason='一括登録'"])
    assert row.value is not None
    assert row.value.pop("event_id").startswith("csv-")
    assert row == Row(
        line_no=2,
        value={
            "customer_id": "C-1",
            "occurred_at": "2025-01-30T15:00:00.000Z",
            "amount": "1200",
            "reason": "一括登録",
            "type": "purchase",
        },
        error=None,
        cells=("C-1", "2025/1/31", "¥1,200", "x"),
    )


def test_a_bad_row_has_its_line_and_every_reason_and_the_rest_is_read(table: Path) -> None:
    rows = load(table, HEADER + "C-1,2025/1/31,1,\n,soon,12円3,\n\nC-3,2025/1/31,3,,\nC-4,2025/1/31\n", PURCHASES)
    assert [(row.line_no, row.error is None) for row in rows] == [(2, True), (3, False), (5, True), (6, False)]
    error = rows[1].error or ""
    assert [part.split(":")[0] for part in error.split("; ") if ": " in part] == [
        "customer_id",
        "occurred_at",
        "amount",
    ]
    assert rows[1].cells == ("", "soon", "12円3", "")
    assert rows[3].error == "2 columns where 4 were expected"


def test_an_empty_cell_is_a_field_left_out(table: Path) -> None:
    (row,) = load(table, HEADER + "C-1,2025/1/31,,\n", [*PURCHASES, "order_id=備考"])
    assert row.value is not None
    assert row.value.keys() == {"event_id", "customer_id", "occurred_at", "type"}


def test_the_amounts_sign_is_read_by_the_rows_currency(table: Path) -> None:
    text = "c,d,a,k\nC-1,2025-01-31,$1.50,USD\nC-1,2025-01-31,$1.50,JPY\n"
    rows = load(table, text, ["customer_id=c", "occurred_at=d", "amount=a", "currency=k"])
    assert rows[0].value is not None
    assert (rows[0].value["amount"], rows[0].value["currency"]) == ("1.5", "USD")
    assert rows[1].error == "amount: '$1.50' carries $, but the currency is JPY"


def test_words_are_translated_and_lists_hold_the_rows_one_entry(table: Path, tmp_path: Path) -> None:
    (tmp_path / "f.yaml").write_text(
        "topic: purchases\nmap:\n  customer_id: c\n  occurred_at: d\n  type: {column: t, values: {返品: refund}}\n"
        "  items.sku: s\n  items.quantity: q\n  contact.id: p\n  amount: a\n",
        encoding="utf-8",
    )
    table.write_text("c,d,t,s,q,p,a\nC-1,2025-01-31,返品,A-1,2,P-1,5\nC-1,2025-01-31,renewal,,,,5\n", encoding="utf-8")
    first, second = values(list(read_rows(table, load_format(tmp_path / "f.yaml"), "Asia/Tokyo")))
    assert first is not None
    assert second is not None
    assert (first["type"], first["items"], first["contact"]) == (
        "refund",
        [{"sku": "A-1", "quantity": "2"}],
        {"id": "P-1"},
    )
    assert second.keys() == {"event_id", "customer_id", "occurred_at", "type", "amount"}
    assert second["type"] == "renewal"


def test_accounts_have_lists_numbers_and_no_ids(table: Path) -> None:
    text = "ID\t社名\t法人番号\tWeb\t成長率\t人数\tSFDC\n"
    text += "K1\t架空商事\t7000012050002\ta.example;b.example\t12%\t1,200名\t9\n"
    pairs = ["customer_id=ID", "name=社名", "kind='b2b'", "corporate_number=法人番号", "domains=Web;"]
    pairs += ["industry_growth=成長率", "employees=人数", "external_ids.sfdc=SFDC"]
    assert values(load(table, text, pairs, "accounts")) == [
        {
            "customer_id": "K1",
            "name": "架空商事",
            "kind": "b2b",
            "corporate_number": "7000012050002",
            "domains": ["a.example", "b.example"],
            "industry_growth": "0.12",
            "employees": 1200,
            "external_ids": {"sfdc": "9"},
        }
    ]
    with pytest.raises(SettingsError, match="accounts take no --id"):
        load(table, text, pairs, "accounts", id_column="ID")


def test_crm_activities_need_their_type(table: Path) -> None:
    pairs = ["customer_id=c", "occurred_at=d", "text=t"]
    with pytest.raises(SettingsError, match="crm-activities needs type"):
        load(table, "c,d,t\n", pairs, "crm-activities")
    (row,) = load(table, "c,d,t\nC-1,2025-01-31,予算がない\n", [*pairs, "type='cs_report'"], "crm-activities")
    assert row.value is not None
    assert (row.value["type"], row.value["text"]) == ("cs_report", "予算がない")


ROWS = ["C-1,2025/1/31,100,\n", "C-1,2025/1/31,100,\n", "C-2,2025/1/31,100,\n", "C-1,2025/2/1,100,\n"]


def test_equal_rows_are_told_apart_by_their_number(table: Path) -> None:
    first, second, other, later = ids(load(table, HEADER + "".join(ROWS), PURCHASES))
    assert first.removesuffix("-1") == second.removesuffix("-2")
    assert len({first, second, other, later}) == 4


@given(st.permutations([*ROWS, "C-3,2025/3/1,5,\n", "C-1,2025/1/31,100,\n"]))
def test_a_longer_export_in_any_order_has_the_shorter_ones_ids(
    tmp_path_factory: pytest.TempPathFactory, longer: list[str]
) -> None:
    table = tmp_path_factory.mktemp("longer") / "table.csv"
    before = ids(load(table, HEADER + "".join(ROWS), PURCHASES))
    after = ids(load(table, HEADER + "".join(longer), PURCHASES))
    assert set(before) < set(after)
    assert len(set(after)) == len(longer)


def test_ids_come_from_what_is_mapped_not_from_how_it_is_written(table: Path) -> None:
    (one,) = ids(load(table, HEADER + 'C-1,2025/1/31,"¥1,200",seen today\n', PURCHASES))
    other = "メモ;金額;顧客コード;日付\n別;１２００.00;C-1;令和7年1月31日\n"
    assert ids(load(table, other, PURCHASES)) == [one]
    assert ids(load(table, HEADER + "C-1,2025/1/31,1201,\n", PURCHASES)) != [one]


def test_an_id_column_is_taken_as_it_is_and_must_differ(table: Path) -> None:
    text = HEADER + "C-1,2025/1/31,1,A\nC-2,2025/1/31,1,A\nC-1,2025/1/31,2,A\nC-1,2025/1/31,3,\n"
    rows = load(table, text, PURCHASES, id_column="備考")
    assert ids(rows) == ["A", "A"]  # ids need only differ within a customer
    assert [row.error for row in rows] == [
        None,
        None,
        "id 'A' stands on line 2 already; it must differ in every row",
        "the id column is empty",
    ]


def test_a_table_without_header_has_numbers_for_columns(table: Path) -> None:
    pairs = ["customer_id=1", "occurred_at=2", "amount=#4"]
    rows = load(table, " 00001 19970101  1   11.77\n 00002 19970112  5   77.00\n", pairs, header=False)
    assert [(row.line_no, row.value and row.value["amount"]) for row in rows] == [(1, "11.77"), (2, "77")]


def test_japanese_windows_exports_are_read_without_being_told(table: Path) -> None:
    table.write_bytes((HEADER + "株式会社架空①,2025/1/31,1,\n").encode("cp932"))
    (row,) = read_csv(table, "purchases", Mapping.parse(PURCHASES, "purchases"), "Asia/Tokyo")
    assert row.value is not None
    assert row.value["customer_id"] == "株式会社架空①"


@pytest.mark.parametrize(
    ("text", "pairs", "timezone", "why"),
    [
        ("", PURCHASES, "Asia/Tokyo", "the file is empty"),
        ("a,b\n1,2\n", PURCHASES, "Asia/Tokyo", "no column '顧客コード'; found 'a', 'b'"),
        (HEADER, PURCHASES, "Asia/Tokio", "time zone 'Asia/Tokio' is unknown"),
        ('"a\n', PURCHASES, "Asia/Tokyo", "line 1: a quote opened here"),
    ],
)
def test_what_concerns_the_whole_file_is_said_before_any_row(
    table: Path, text: str, pairs: list[str], timezone: str, why: str
) -> None:
    table.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=why):
        read_csv(table, "purchases", Mapping.parse(pairs, "purchases"), timezone)


# Fader and Hardie's CDNOW data: 69,659 purchases by 23,570 customers, $2,500,315.63 in all (the file's own sum).
def test_the_whole_cdnow_history_is_taken_in(cdnow: Path) -> None:
    mapping = Mapping.parse(["customer_id=customer_id", "occurred_at=date", "amount=dollar_value"], "purchases")
    rows = list(read_csv(cdnow / "CDNOW_master.txt", "purchases", mapping, "Asia/Tokyo"))
    found = [row.value for row in rows if row.value is not None]
    assert len(found) == len(rows) == 69_659
    assert len({value["event_id"] for value in found}) == 69_659
    assert len({value["customer_id"] for value in found}) == 23_570
    intake = Intake(IntakeSettings(300, "JPY"), Directory())
    decisions = [intake.take_value("purchases", json.loads(json.dumps(value)), LATER_MS) for value in found]
    taken = [decision.events[0] for decision in decisions if isinstance(decision, Accepted)]
    assert len(taken) == 69_659
    assert sum(round(float(event.amount or 0) * 100) for event in taken) == 250_031_563
