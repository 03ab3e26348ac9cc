"""What an SNS message takes from the network: the certificate that verifies it, and the confirmation of a subscription.

Nothing of it happens on the event loop or in the writer's thread, and nothing for a key that there is not. A
certificate is fetched once, and kept: its address changes when Amazon changes it.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

import structlog

from notifiers.public_http import FAILURES, MayConnect, PrivateAddress, guarded_session, is_public
from oncall.alerts.event import Event
from oncall.clock import Clock
from oncall.errors import Unavailable
from oncall.ingest import sns
from oncall.ingest.store import Accepted, Submission

if TYPE_CHECKING:  # see `sns_signature`
    from cryptography.x509 import Certificate

log = structlog.get_logger(__name__)

SECONDS = 3.0
"""For one exchange with Amazon; SNS itself waits 15 for ours."""
LARGEST = 65_536
"""Bytes of an answer of Amazon's."""
MOST_CERTIFICATES = 64
THREADS = 2

Fetch = Callable[[str], bytes]
"""What is at an address, or one of FAILURES. Blocks."""
Accept = Callable[[Submission], Awaitable[Accepted]]


def fetch(url: str, may_connect: MayConnect = is_public, ca_file: str | bool = True) -> bytes:
    """Follows no redirect: where it leads, nobody has looked. Raises one of FAILURES or PrivateAddress."""
    with (
        guarded_session(may_connect, SECONDS) as session,
        session.get(url, timeout=SECONDS, stream=True, allow_redirects=False, verify=ca_file) as answer,
    ):
        answer.raise_for_status()
        body: bytes = answer.raw.read(LARGEST + 1, decode_content=True)
        if answer.status_code != 200 or len(body) > LARGEST:
            raise ValueError("an answer that is none of Amazon's")
        return body


class SnsOffice:
    """One per process; for the event loop."""

    def __init__(self, clock: Clock, fetch: Fetch = fetch) -> None:
        self._clock, self._fetch = clock, fetch
        self._threads = ThreadPoolExecutor(THREADS, "oncall-sns")
        self._certificates: OrderedDict[str, Certificate] = OrderedDict()
        self._fetching: dict[str, asyncio.Task[Certificate]] = {}

    def stop(self) -> None:
        self._threads.shutdown(cancel_futures=True)

    async def accept(self, body: bytes, submission: Submission, accept: Accept) -> Accepted:
        """As `accept` does, of what Amazon signed; a subscription is confirmed once its key and topic are right.

        Raises BadEvent, BadSignature, Unavailable when Amazon can't be asked, and what `accept` raises.
        """
        message = sns.read(body)
        if message.certificate_url not in self._certificates:
            await accept(submission._replace(parse=partial(_of_its_topic, message)))
        certificate = await self._certificate(message.certificate_url)
        read = partial(_verified, submission, message, certificate, self._clock)
        accepted = await accept(submission._replace(parse=read))
        if message.confirmation_url:
            await self._ask(message.confirmation_url)
            log.info("sns.subscribed", topic=message.fields["TopicArn"])
        return accepted

    async def _certificate(self, url: str) -> "Certificate":
        """Asked for once, however many wait for it."""
        if known := self._certificates.get(url):
            return known
        task = self._fetching.get(url)
        if task is None:
            task = self._fetching[url] = asyncio.create_task(self._fetch_certificate(url))
            task.add_done_callback(partial(self._fetched, url))
        return await asyncio.shield(task)

    def _fetched(self, url: str, task: "asyncio.Task[Certificate]") -> None:
        del self._fetching[url]
        if not task.cancelled():
            task.exception()  # seen, should nobody be left who waits for it

    async def _fetch_certificate(self, url: str) -> "Certificate":
        from oncall.ingest.sns_signature import read_certificate

        pem = await self._ask(url)
        try:
            certificate = read_certificate(pem)
        except ValueError:
            raise Unavailable("What is at 'SigningCertURL' is no certificate. Nothing was stored.") from None
        self._certificates[url] = certificate
        if len(self._certificates) > MOST_CERTIFICATES:
            self._certificates.popitem(last=False)
        return certificate

    async def _ask(self, url: str) -> bytes:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._fetch, url)
        except (PrivateAddress, *FAILURES) as error:
            log.warning("sns.amazon_unreachable", error=type(error).__name__)
            raise Unavailable("Amazon SNS could not be asked whether this message is its own. Send it again.") from None


def _of_its_topic(message: sns.SnsMessage, options: Mapping[str, str]) -> list[Event]:
    """Nothing is fetched for whoever does not know the key."""
    sns.check_topic(message, options)
    return []


def _verified(
    submission: Submission,
    message: sns.SnsMessage,
    certificate: "Certificate",
    clock: Clock,
    options: Mapping[str, str],
) -> list[Event]:
    from oncall.ingest.sns_signature import verify

    sns.check_topic(message, options)
    verify(message, certificate, clock())
    return submission.parse(options)
