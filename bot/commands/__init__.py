"""The command line: `weaver`."""

import importlib
import sys
from typing import Any

import click
from pydantic import ValidationError

from bot.commands.environment import Environment
from bot.errors import BotError
from bot.settings import Settings
from bot.watching import logs
from knowledge_base.errors import KnowledgeError
from weaver_core.errors import ModelError

# A command's module is loaded when the command is called, so that `weaver --help` need not wait for the model.
COMMANDS = {
    "ask": "bot.commands.ask:ask",
    "audit": "bot.commands.audit:audit",
    "db": "bot.commands.db:db",
    "demo": "bot.commands.demo:demo",
    "doctor": "bot.commands.doctor:doctor",
    "encode": "bot.commands.encode:encode",
    "evaluate": "bot.commands.evaluate:evaluate",
    "export": "bot.commands.export:export",
    "forget": "bot.commands.forget:forget",
    "import": "bot.commands.imports:import_",
    "import-run": "bot.commands.import_run:import_run",
    "key": "bot.commands.api_keys:key",
    "models": "bot.commands.models:models",
    "retain": "bot.commands.retain:retain",
    "serve": "bot.commands.serve:serve",
    "update": "bot.commands.update:update",
    "user": "bot.commands.accounts:user",
}
BAD_INPUT, FAILED = 2, 1


class Commands(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands' names."""
        del ctx
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command with this name."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name].split(":")
        command: Any = getattr(importlib.import_module(module), name)
        return command if isinstance(command, click.Command) else None


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="weaver")
@click.pass_context
def weaver(context: click.Context) -> None:
    """Weaver: a customer-service chatbot that answers with what your people wrote, and learns from what people say.

    Settings come from WEAVER_* variables or a .env file.
    """
    try:
        settings = Settings()
    except ValidationError as error:
        problem = error.errors()[0]
        name = "_".join(str(part) for part in problem["loc"]).upper()
        raise click.UsageError(
            f"WEAVER_{name} is not usable: {problem['msg'].removeprefix('Value error, ')}."
        ) from None
    logs.configure(settings.log)
    context.obj = Environment(settings)


def main() -> None:
    """Run the command line. Exit 0: done; 2: bad usage or input; 1: anything else."""
    logs.configure()
    try:
        status = weaver.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(BAD_INPUT if isinstance(error, click.UsageError) else error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted; what was done is kept.", err=True)
        sys.exit(FAILED)
    except (KnowledgeError, ModelError, BotError) as error:
        click.echo(f"weaver: {error}", err=True)
        sys.exit(BAD_INPUT)
    sys.exit(status if isinstance(status, int) else 0)
