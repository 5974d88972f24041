"""An auditor's box: the checkpoint in plain words, and as a file to keep."""

from smtplib import SMTPException
from urllib.parse import unquote

from django.core.mail import EmailMessage

from audit.places.naming import Place
from audit.places.parcel import NotPublished, Parcel

WORDS = """\
Please keep this message: it is a checkpoint of the log {origin}.

On {made_at:%d %B %Y at %H:%M:%S} UTC the log held {size:,} events. The lines below say so, with a hash \
over all of these events, and are signed. Nobody can change, remove or add an event among them from now \
on without contradicting these lines: neither a reviewer, nor an administrator of the application or of \
its database.

To check an export against it, save the attached file and run, with the verify.py that came with the export:

    python verify.py export.zip --checkpoint {name}

{note}"""


def put(place: Place, parcel: Parcel) -> bytes:
    """Mails a checkpoint; raises NotPublished."""
    mail = EmailMessage(
        subject=f"Checkpoint of {parcel.origin}: {parcel.size:,} events",
        body=WORDS.format(
            origin=parcel.origin,
            made_at=parcel.made_at,
            size=parcel.size,
            name=parcel.name,
            note=parcel.note,
        ),
        to=[unquote(place.url.removeprefix("mailto:"))],
        # As bytes, since no mail program may touch its line ends: they are signed.
        attachments=[(parcel.name, parcel.note.encode(), "application/octet-stream")],
    )
    try:
        mail.send()
    except (OSError, SMTPException) as error:  # its text may quote addresses
        raise NotPublished(f"the mail was not taken: {type(error).__name__}") from error
    return b""
