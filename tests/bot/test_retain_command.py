"""`weaver retain`."""

from tests.bot.test_accounts_command import Run, run

__all__ = ["run"]


def test_without_a_setting_dialogues_are_kept_and_with_days_the_count_is_said(run: Run) -> None:
    assert run("retain").stdout == "Dialogues are kept for ever: WEAVER_RETENTION_DAYS is not set.\n"
    assert run("retain", "--days", "30").stdout == "Erased 0 dialogues older than 30 days.\n"
