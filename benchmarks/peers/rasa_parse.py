"""Run by Rasa's own Python: ranks the intents of the questions on standard input with the model named."""

import asyncio
import json
import logging
import sys

from rasa.core.agent import Agent


async def parse(model: str, questions: list[str]) -> list[list[tuple[str, float]]]:
    agent = Agent.load(model_path=model)
    parsed = [await agent.parse_message(text) for text in questions]
    return [[(ranked["name"], ranked["confidence"]) for ranked in found["intent_ranking"]] for found in parsed]


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    print(json.dumps(asyncio.run(parse(sys.argv[1], json.load(sys.stdin)))))
