"""A client that stays useful while its model vendor fails, and tells users so.

It needs the `openai` package. Put it into your workbook, name it under a path of `fallback.yaml`
as `vendor: {environment: test, client: "fallback_client:ask", model: MODEL}`; then
`ops-model drill fallback SYSTEM` shows how it stands a vendor that fails.

Seven things make the difference: no retries, one deadline for the whole answer, a look at the
content, a look at which model answered, a breaker, a backup, and a last answer that needs nobody.
Whenever it was not the vendor that answered, the user is told.
"""

import asyncio
import time
from collections.abc import Mapping

from openai import AsyncOpenAI, OpenAIError

NOTICE = "Our assistant is busy; answers may be shorter than usual. A colleague reads along."
LAST_ANSWER = "I cannot look that up at the moment. A colleague will write to you today."
PRIMARY_SECONDS = 1.5
WHOLE_SECONDS = 4.0
BACKUP_MODEL = "other-medium-2"


class BadAnswerError(Exception):
    """The vendor answered, and it is no answer to the question."""


class Breaker:
    """Lets nobody wait for a vendor that is down: shut after two failures, tried again later."""

    def __init__(self, failures: int = 2, again_seconds: float = 2.0) -> None:
        self.failures, self.again_seconds = failures, again_seconds
        self.failed, self.not_before = 0, 0.0

    def lets_through(self) -> bool:
        """True when the vendor may be asked; while it is down, for one request at a time."""
        if self.failed < self.failures:
            return True
        if time.monotonic() < self.not_before:
            return False
        self.not_before = time.monotonic() + self.again_seconds
        return True

    def note(self, *, well: bool) -> None:
        """How it went."""
        self.failed = 0 if well else self.failed + 1
        self.not_before = time.monotonic() + self.again_seconds


class Chain:
    """The vendor, the backup, and a text that is always there."""

    def __init__(self, *, again_seconds: float = 2.0, stream: bool = False) -> None:
        self.breaker = Breaker(again_seconds=again_seconds)
        self.stream = stream
        self.clients: dict[str, AsyncOpenAI] = {}

    async def ask(
        self, question: str, *, primary: str, backup: str, model: str
    ) -> Mapping[str, str]:
        """The answer, the model that gave it, and the notice where it was not the vendor's."""
        deadline = asyncio.get_running_loop().time() + WHOLE_SECONDS
        if self.breaker.lets_through():
            try:
                async with asyncio.timeout(PRIMARY_SECONDS):  # of the whole answer, not of silence
                    text = await self._completion(primary, model, question)
            except (OpenAIError, TimeoutError, BadAnswerError):
                self.breaker.note(well=False)
            else:
                self.breaker.note(well=True)
                return {"answer": text, "model": model}
        try:
            async with asyncio.timeout_at(deadline):
                text = await self._completion(backup, BACKUP_MODEL, question)
        except (OpenAIError, TimeoutError, BadAnswerError):
            return {"answer": LAST_ANSWER, "model": "none", "notice": NOTICE}
        return {"answer": text, "model": BACKUP_MODEL, "notice": NOTICE}

    async def _completion(self, base_url: str, model: str, question: str) -> str:
        """A whole, useful answer of this very model, or an error."""
        client = self.clients.get(base_url)
        if client is None:
            # Retries belong to the chain: the package's own would eat the deadline.
            client = AsyncOpenAI(base_url=base_url, api_key="from your vault", max_retries=0)
            self.clients[base_url] = client
        try:
            text, served_by = await (self._streamed if self.stream else self._whole)(
                client, model, question
            )
        except (OpenAIError, TimeoutError):
            raise
        except Exception as error:  # a page of HTML or half an answer raises what it likes
            raise BadAnswerError from error
        if served_by != model:
            raise BadAnswerError(f"asked for {model}, answered by {served_by}")
        if not text.strip():
            raise BadAnswerError("nothing was said")
        return text

    async def _whole(self, client: AsyncOpenAI, model: str, question: str) -> tuple[str, str]:
        completion = await client.chat.completions.create(
            model=model, messages=[{"role": "user", "content": question}]
        )
        return completion.choices[0].message.content or "", completion.model

    async def _streamed(self, client: AsyncOpenAI, model: str, question: str) -> tuple[str, str]:
        """Shown to the user when it is whole: half an answer cannot be taken back."""
        text, served_by, finished = "", "", False
        stream = await client.chat.completions.create(
            model=model, messages=[{"role": "user", "content": question}], stream=True
        )
        async for event in stream:
            served_by = event.model
            text += event.choices[0].delta.content or ""
            finished = finished or event.choices[0].finish_reason == "stop"
        if not finished:
            raise BadAnswerError("the answer broke off")
        return text, served_by


ask = Chain().ask
ask_streaming = Chain(stream=True).ask
