"""Files as spreadsheets and editors save them: with marks, in UTF-16, in GB18030, and in what nobody can tell."""

from pathlib import Path

import pytest

from knowledge_base.ingestion import encodings, files, reading
from knowledge_base.ingestion.errors import EmptyFileError, NotUtf8Error
from tests.knowledge_base.test_ingestion_files import written

TABLE = "会话编号,角色,内容\n1,顾客,请问发票怎么开？\n1,客服,在订单详情页申请，电子发票当天发到您的邮箱。\n"


def texts_of(path: Path) -> list[object]:
    """The texts of a table of messages."""
    return [record.fields["内容"] for record in reading.read(files.examine(path)) if record.fields]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "gbk"])
def test_a_chinese_table_is_read_in_each_encoding_that_spreadsheets_save(tmp_path: Path, encoding: str) -> None:
    path = written(tmp_path, "messages.csv", TABLE.encode(encoding))
    assert texts_of(path) == ["请问发票怎么开？", "在订单详情页申请，电子发票当天发到您的邮箱。"]


@pytest.mark.parametrize("mark", ["utf-16-le", "utf-16-be"])
def test_both_orders_of_utf_16_are_read(tmp_path: Path, mark: str) -> None:
    path = written(tmp_path, "messages.csv", ("\ufeff" + TABLE).encode(mark))
    assert files.examine(path).encoding == "utf-16"
    assert len(texts_of(path)) == 2


def test_json_lines_in_utf_16_are_read(tmp_path: Path) -> None:
    path = written(tmp_path, "faq.jsonl", '{"question": "怎么退货", "answer": "点击退货"}\n'.encode("utf-16"))
    (record,) = reading.read(files.examine(path))
    assert (record.fields or {})["question"] == "怎么退货"


def test_chinese_that_begins_late_in_a_file_is_recognised(tmp_path: Path) -> None:
    text = "conversation,role,text\n" + "1,agent,Yes we do.\n" * 100_000 + TABLE.split("\n", 1)[1]
    path = written(tmp_path, "messages.csv", text.encode("gb18030"))
    assert files.examine(path).encoding == "gb18030"


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("latin-1", "Größe und Maße für die Tür, où est la clé à l'été, ¿cuándo llegará el año?"),
        ("cp1251", "Когда придёт моя посылка? МОЯ ПОСЫЛКА ИСЧЕЗЛА, ВЕРНИТЕ ДЕНЬГИ"),
        ("euc-kr", "제 소포는 언제 도착하나요? 환불을 받고 싶습니다. 주문을 취소할 수 있습니까"),
        ("euc-jp", "荷物はいつ届きますか。返品したいのですが、どうすればいいですか。"),
        ("shift-jis", "荷物はいつ届きますか。返品したいのですが、どうすればいいですか。"),
        ("big5", "請問發票怎麼開？我想要退貨，運費由誰負擔？"),
    ],
)
def test_other_encodings_are_refused_and_not_taken_for_chinese(tmp_path: Path, encoding: str, text: str) -> None:
    assert not encodings.is_chinese(text.encode(encoding))
    path = written(tmp_path, "messages.csv", f"conversation,role,text\n1,user,{text}\n".encode(encoding))
    with pytest.raises(NotUtf8Error, match=r"messages\.csv is not UTF-8 \(line 2\)"):
        files.examine(path)


def test_broken_utf_8_is_not_taken_for_chinese(tmp_path: Path) -> None:
    path = written(tmp_path, "messages.csv", TABLE.encode() + "1,顾客,谢谢".encode()[:-1] + b"\n")
    with pytest.raises(NotUtf8Error, match="line 4"):
        files.examine(path)


def test_chinese_that_breaks_off_says_so(tmp_path: Path) -> None:
    path = written(tmp_path, "messages.csv", (TABLE * 50).encode("gb18030") + b"1,\xff\xff\n")
    with pytest.raises(NotUtf8Error, match=r"is not UTF-8, nor GB18030 throughout \(line 151\)"):
        files.examine(path)


def test_a_file_of_nothing_but_a_mark_is_empty(tmp_path: Path) -> None:
    with pytest.raises(EmptyFileError):
        files.examine(written(tmp_path, "messages.csv", "\n ".encode("utf-16")))
