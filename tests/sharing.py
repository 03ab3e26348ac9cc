"""Which tests are one worker's, in order: those that share what takes long to make.

Anywhere else a file is one worker's, since what its tests begin with is made once for each worker, and so are the
statements that only they send.
"""

import re

from xdist.scheduler import LoadScopeScheduling

BROWSERS = "real browsers"
TOGETHER = {
    "processes that are killed": r"tests/chaos/",
    BROWSERS: r"tests/web/pages/(\w+/)?test_(\w+_)?(every_page|in_a_browser|installed|journeys)\.py",
}
"""The processes are forked from one, and the browsers are windows of one. They begin first: all that they do is wait,
while the other workers compute.
"""


def share_of(nodeid: str) -> str:
    file = nodeid.partition("::")[0]
    return next((name for name, files in TOGETHER.items() if re.match(files, file)), file)


def place_of(nodeid: str) -> int:
    """By which tests are put in order; those of one place stay as they are."""
    shares = list(TOGETHER)
    share = share_of(nodeid)
    return shares.index(share) if share in TOGETHER else len(shares)


class Shares(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        return share_of(nodeid)
