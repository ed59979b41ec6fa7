"""`python -m bot.commands` is `weaver`."""

from bot.commands import main

main()
