"""Mails that come back, as mail servers write them: RFC 3464 in the manner of Postfix, Exchange and Gmail."""

ALICE = "alice@example.com"
PAGE = "CRITICAL web: Disk full on db1 (alert 1)"


def postfix(
    action: str = "failed",
    status: str = "5.1.1",
    diagnostic: str = "smtp; 550 5.1.1 <alice@example.com>: Recipient address rejected: User unknown",
) -> bytes:
    return f"""\
Return-Path: <>
Received: by mx.example.net (Postfix) id 4TfQ1z0mWx; Mon, 23 Nov 2026 14:00:09 +0000 (UTC)
Date: Mon, 23 Nov 2026 14:00:09 +0000 (UTC)
From: MAILER-DAEMON@mx.example.net (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: bounce+1@alerts.example.com
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
 boundary="4TfQ1z0mWx.1795442409/mx.example.net"
Content-Transfer-Encoding: 8bit
Message-Id: <20261123140009.4TfQ1z0mWx@mx.example.net>

This is a MIME-encapsulated message.

--4TfQ1z0mWx.1795442409/mx.example.net
Content-Description: Notification
Content-Type: text/plain; charset=utf-8

The mail system at mx.example.net has news of your message.

--4TfQ1z0mWx.1795442409/mx.example.net
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net
X-Postfix-Queue-ID: 4TfQ1z0mWx
X-Postfix-Sender: rfc822; bounce+1@alerts.example.com
Arrival-Date: Mon, 23 Nov 2026 14:00:08 +0000 (UTC)

Final-Recipient: rfc822; {ALICE}
Original-Recipient: rfc822;{ALICE}
Action: {action}
Status: {status}
Remote-MTA: dns; mail.example.com
Diagnostic-Code: {diagnostic}

--4TfQ1z0mWx.1795442409/mx.example.net
Content-Description: Undelivered Message
Content-Type: message/rfc822

From: oncall <oncall@example.com>
To: {ALICE}
Subject: {PAGE}

Disk full on db1

--4TfQ1z0mWx.1795442409/mx.example.net--
""".replace("\n", "\r\n").encode()


EXCHANGE = f"""\
From: <postmaster@contoso.onmicrosoft.com>
To: <bounce+1@alerts.example.com>
Date: Mon, 23 Nov 2026 14:00:11 +0000
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="a6f1c7ff-0b3e-4b1e-9b51-0c47d7f5f1aa"
X-MS-Exchange-Message-Is-Ndr: true
Message-ID: <a6f1c7ff@AM0PR04MB1234.eurprd04.prod.outlook.com>
Subject: =?utf-8?B?VW56dXN0ZWxsYmFyOg==?= {PAGE}
Auto-Submitted: auto-replied
MIME-Version: 1.0

--a6f1c7ff-0b3e-4b1e-9b51-0c47d7f5f1aa
Content-Type: multipart/alternative; differences=Content-Type;
\tboundary="b1c0f5f8"

--b1c0f5f8
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: quoted-printable

Ihre Nachricht an alice konnte nicht zugestellt werden =E2=80=A6

--b1c0f5f8
Content-Type: text/html; charset="utf-8"
Content-Transfer-Encoding: quoted-printable

<p>Action: relayed</p>

--b1c0f5f8--

--a6f1c7ff-0b3e-4b1e-9b51-0c47d7f5f1aa
Content-Type: message/delivery-status

Reporting-MTA: dns;AM0PR04MB1234.eurprd04.prod.outlook.com
Received-From-MTA: dns;mx.example.net
Arrival-Date: Mon, 23 Nov 2026 14:00:10 +0000

Original-Recipient: rfc822;{ALICE}
Final-Recipient: rfc822;{ALICE}
Action: failed
Status: 5.1.10
Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient
 alice@example.com not found by SMTP address lookup
X-Display-Name: alice

--a6f1c7ff-0b3e-4b1e-9b51-0c47d7f5f1aa
Content-Type: text/rfc822-headers

Subject: {PAGE}

--a6f1c7ff-0b3e-4b1e-9b51-0c47d7f5f1aa--
""".replace("\n", "\r\n").encode()

GMAIL = f"""\
To: bounce+1@alerts.example.com
Auto-Submitted: auto-replied
Subject: Delivery Status Notification (Failure)
From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>
Date: Mon, 23 Nov 2026 06:00:12 -0800 (PST)
Message-ID: <6922f00c.050a0220.1@mx.google.com>
X-Failed-Recipients: {ALICE}
Content-Type: multipart/report; boundary="00000000000044c2ab"; report-type=delivery-status

--00000000000044c2ab
Content-Type: multipart/related; boundary="00000000000044d5b5"

--00000000000044d5b5
Content-Type: text/html; charset="UTF-8"

<h2>Message not delivered</h2>

--00000000000044d5b5
Content-Type: image/png; name="icon.png"
Content-Transfer-Encoding: base64

iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8A
--00000000000044d5b5--

--00000000000044c2ab
Content-Type: message/delivery-status

Reporting-MTA: dns; googlemail.com
Arrival-Date: Mon, 23 Nov 2026 06:00:10 -0800 (PST)
X-Original-Message-ID: <fingerprint@example.com>

Final-Recipient: rfc822; {ALICE}
Action: failed
Status: 4.4.2
Diagnostic-Code: smtp; The recipient server did not accept our requests to connect. [192.0.2.1: timed out]
Last-Attempt-Date: Thu, 26 Nov 2026 06:00:12 -0800 (PST)

--00000000000044c2ab
Content-Type: message/rfc822

Subject: {PAGE}

----- Message truncated -----
--00000000000044c2ab--
""".replace("\n", "\r\n").encode()

OUT_OF_OFFICE = f"""\
From: Alice Archer <{ALICE}>
To: bounce+1@alerts.example.com
Subject: Automatic reply: {PAGE}
Auto-Submitted: auto-replied
Content-Type: text/plain

I am away until Monday. Action: failed, Status: 5.1.1
""".replace("\n", "\r\n").encode()

READ_RECEIPT = f"""\
From: Alice Archer <{ALICE}>
To: bounce+1@alerts.example.com
Subject: Read: {PAGE}
Content-Type: multipart/report; report-type=disposition-notification; boundary="r"

--r
Content-Type: message/disposition-notification

Final-Recipient: rfc822;{ALICE}
Disposition: manual-action/MDN-sent-manually; displayed

--r--
""".replace("\n", "\r\n").encode()

FORWARDED = (
    b'From: alice@example.com\r\nSubject: Look at that\r\nContent-Type: multipart/mixed; boundary="f"\r\n\r\n'
    b"--f\r\nContent-Type: message/rfc822\r\n\r\n" + postfix() + b"\r\n--f--\r\n"
)
"""By a person, with a report that somebody else got."""
