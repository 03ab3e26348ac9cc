<%!
    def plain(body):
        """The operations, without alembic's comments around them."""
        lines = [line for line in body.splitlines() if not line.strip().startswith("# ###")]
        return "\n".join(lines).strip() or "pass"
%>\
"""${message.capitalize()}."""

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    ${upgrades | n,plain}


def downgrade() -> None:
    ${downgrades | n,plain}
