"""A case's whole file as sections of a printed document: what was known, said, decided and done."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from django.utils.translation import gettext as _
from reportlab.platypus import Flowable, KeepTogether

from reviews.models import AdverseNotice
from reviews.presenting.data import Group
from reviews.presenting.fields import FieldRow
from reviews.presenting.formats import day, decimals
from reviews.presenting.histories import Entry
from reviews.presenting.masks import MASK
from reviews.presenting.message import Message
from reviews.presenting.record import Change, Judgement, Ruling
from reviews.presenting.trail.looking import Looked
from reviews.printing.parts import facts, gap, strong, table
from reviews.printing.sheets import QUOTE, SMALL, TITLE, Heading, paragraph
from reviews.trail.wholefile import Placed, Remains, WholeFile

Flow = Iterator[Flowable]


def utc(at: datetime) -> str:
    """A moment to the second, in UTC, whatever the reader's time zone is: 31 Mar 2026, 14:05:07 UTC."""
    there = at.astimezone(UTC)
    return f"{day(there.date())}, {there:%H:%M:%S} UTC"


def foot(placed: Placed) -> str:
    """Where the file's facts can be checked, for the foot of each page."""
    if placed.checkpoint is None:
        return _("Its last events are not sealed yet.")
    words = _(
        "Last event: no. %(position)s of the log, sealed by the checkpoint of %(size)s events"
    )
    return words % {"position": placed.position, "size": placed.checkpoint.size}


# ---------------------------------------------------------------- the first page


def cover(whole: WholeFile) -> Flow:
    """Which case it is, how it stands and ended, and who signed."""
    case, definition = whole.file.case, whole.file.definition
    yield Heading(_("Case %(reference)s") % {"reference": case.reference}, style=TITLE)
    version = _("version %s") % case.pipeline_version.number
    rows = [
        (_("Kind of case"), f"{definition.name} ({version})"),
        (_("Reference of the upstream"), case.reference),
        (_("Sent by"), case.client.name),
        (_("Id"), str(case.pk)),
        (_("Received"), utc(case.created_at)),
        (_("Status"), str(case.get_status_display())),
        *decided(whole.ruling),
    ]
    yield from facts(rows)
    yield from signatures(whole)
    if whole.file.hidden:
        words = _("Some of the file is masked, as it is from its reader: masked values are dots.")
        yield paragraph(words, SMALL)
    yield from seal(whole.placed)


def decided(ruling: Ruling | None) -> list[tuple[str, str]]:
    """The decision, and how it was made."""
    if ruling is None:
        return [(_("Decision"), _("None yet"))]
    how = f"{ruling.how}, {utc(ruling.at)}"
    told = _("%(how)s, an override") % {"how": how} if ruling.override else how
    adverse = _("%(outcome)s (an adverse outcome)") if ruling.adverse else "%(outcome)s"
    return [(_("Decision"), adverse % {"outcome": ruling.label}), (_("How it was made"), told)]


def signatures(whole: WholeFile) -> Flow:
    """Who signed: printed name, time in UTC, and what the signature means (21 CFR 11.50)."""
    if not whole.signatures:
        return
    yield Heading(_("Signatures"), 1)
    rows = [
        (
            each.printed_name,
            utc(each.signed_at),
            _(each.meaning),
            str(each.get_method_display()),
        )
        for each in whole.signatures
    ]
    heads = (_("Printed name"), _("Signed"), _("Meaning"), _("Proved by"))
    yield from table(heads, rows, (3, 3, 4, 2))


def seal(placed: Placed) -> Flow:
    """What the log says of the case's events, so that the printout can be checked against it."""
    yield Heading(_("In the log"), 1)
    rows = [
        (_("Events of the case"), str(placed.events)),
        (_("Of these sealed"), str(placed.sealed)),
    ]
    if placed.checkpoint is not None:
        rows += [
            (_("Place of the last of these"), str(placed.position)),
            (_("Sealed by the checkpoint of"), str(placed.checkpoint.size)),
            (_("Its root"), bytes(placed.checkpoint.root).hex()),
        ]
    yield from facts(rows)


# ---------------------------------------------------------------- what was known


def data(whole: WholeFile) -> Flow:
    """The case's data as it was sent."""
    yield Heading(_("The data as sent"))
    if message := whole.page.message:
        yield from of_message(message)
    for group in whole.page.declared:
        yield from of_group(group)
    if not whole.page.declared and not whole.page.message:
        yield paragraph(_("Nothing."))


def of_message(message: Message) -> Flow:
    """Who wrote, what they wrote, and what was written before."""
    who = message.who
    yield Heading(_("Message of"), 1)
    rows = [(_("Name"), who.name), (_("Age"), who.age)]
    rows += [(item.title, item.value) for item in who.facts]
    rows += [(title, "; ".join(words)) for title, words in who.lists]
    yield from facts([row for row in rows if row[1]])
    if who.unknown:
        yield paragraph(_("Not given: %(names)s") % {"names": ", ".join(who.unknown)}, SMALL)
    yield Heading(_("The message"), 1)
    yield paragraph(message.sent, SMALL)
    yield paragraph("".join(part.text for each in message.passages for part in each.pieces))
    if message.earlier:
        yield Heading(_("Earlier messages"), 1)
    for each in message.earlier:
        yield paragraph(f"{each.who}, {utc(each.at)}" if each.at else each.who, SMALL)
        yield paragraph(each.text, QUOTE)


def of_group(group: Group) -> Flow:
    """Values that belong together, or things of one kind."""
    yield Heading(group.title, 1)
    yield from facts([(item.title, item.value) for item in group.entries])
    if group.rows:
        figures = [place for place, is_one in enumerate(group.figures) if is_one]
        yield from table(group.columns, group.rows, [1] * len(group.columns), figures=figures)


def numbers_of(rows: Sequence[FieldRow]) -> dict[str, int]:
    """The number by which each field stands in the list and on the pages."""
    return {row.name: number for number, row in enumerate(rows, 1)}


def fields(whole: WholeFile) -> Flow:
    """Each field: what was read where, how surely, and what people said of it."""
    rows = whole.page.rows
    if not rows:
        return
    yield Heading(_("Fields as read"))
    words = _("The numbers are those of the boxes on the pages of the papers.")
    yield paragraph(words, SMALL)
    yield gap(4)
    heads = (_("No."), _("Field"), _("Read"), _("Confidence"), _("Page"), _("What was said of it"))
    lines = [line(number, row, whole) for number, row in enumerate(rows, 1)]
    yield from table(heads, lines, (0.6, 3, 3.6, 1.4, 0.8, 3.6), figures=(3, 4))


def line(number: int, row: FieldRow, whole: WholeFile) -> tuple[str, ...]:
    """One field's line."""
    read = whole.file.read.get(row.name)
    missing = read is None or not read.found
    was = "" if missing else row.struck or row.value
    said = [row.why] if row.why else []
    if row.struck or row.changed or (missing and row.value):
        right = "\n".join(row.changed) or row.value
        said.insert(0, _("Right: %(value)s") % {"value": right})
    return (
        str(number),
        row.label,
        was or _("not found"),
        "" if read is None or missing else decimals(read.confidence),
        str(row.page or ""),
        "\n".join(said),
    )


def found(whole: WholeFile) -> Flow:
    """What was found beside the model: flags, tables of points, sums, papers seen before."""
    page = whole.page
    if not (page.raised or page.measures or page.sums or page.seen):
        return
    yield Heading(_("Found beside the model"))
    yield from facts([(_("Flag"), f"{note.label}. {note.detail}") for note in page.raised])
    for each in page.measures:
        yield Heading(f"{each.label}: {each.points}" if each.known else each.label, 1)
        lines = [
            (row.label, f"{row.value} {row.unit}", "–" if row.points is None else str(row.points))
            for row in each.lines
        ]
        heads = (_("Measured"), _("Value"), _("Points"))
        yield from table(heads, lines, (4, 3, 1), figures=(2,))
        if each.missing:
            yield paragraph(each.missing, SMALL)
    yield from facts([(each.label, each.verdict) for each in page.sums])
    yield from facts([(each.paper, _("Seen before: %s") % each.how) for each in page.seen])


# ---------------------------------------------------------------- what was said and done


def reviews(whole: WholeFile) -> Flow:
    """Each review: what its reviewer had before them, what they said, and how they signed."""
    if not whole.judgements:
        return
    yield Heading(_("Reviews"))
    for judgement, look in zip(whole.judgements, whole.looked, strict=True):
        yield from of_review(judgement, look, whole)


def of_review(judgement: Judgement, look: Looked, whole: WholeFile) -> Flow:
    """One review."""
    yield Heading(f"{judgement.stage}: {judgement.label}", 1)
    said = _("%(who)s, %(at)s") % {"who": judgement.who, "at": utc(judgement.at)}
    yield paragraph(_("%(said)s, an override") % {"said": said} if judgement.override else said)
    rows = [(_("Reason"), reason) for reason in judgement.reasons]
    rows += [
        (_("Signed"), f"{each.printed_name}, {utc(each.signed_at)}: {_(each.meaning)}")
        for each in whole.signatures
        if each.review_id == look.review
    ]
    yield from facts(rows)
    if judgement.explanation:
        yield paragraph(judgement.explanation, QUOTE)
    yield from facts([(change.label, changed(change)) for change in judgement.changes])
    if judgement.reply:
        yield from facts([(judgement.reply.how, judgement.reply.text)])
    yield from facts(had(look))


def changed(change: Change) -> str:
    """What a reviewer said of one field, beside what was read."""
    if not change.corrected:
        return f"{change.read}: {change.said}" if change.read else change.said
    words = _("%(said)s (read: %(read)s)") if change.read else "%(said)s"
    return words % {"said": change.said, "read": change.read}


def had(look: Looked) -> list[tuple[str, str]]:
    """What a reviewer had before them, and for how long."""
    spent = {"span": look.span, "since": utc(look.since), "until": utc(look.until)}
    rows = [
        (_("Had the case"), _("%(span)s, from %(since)s to %(until)s") % spent),
        (_("The model's view"), look.view),
    ]
    seen = [f"{each.title} ({each.span})" if each.span else each.title for each in look.pages]
    if seen:
        rows.append((_("Pages in view"), "; ".join(seen)))
    if look.never:
        rows.append((_("Pages never in view"), "; ".join(look.never)))
    if not look.noted:
        rows.append((_("Pages in view"), _("Not noted: the page ran without scripts.")))
    return rows


def earlier(whole: WholeFile) -> Flow:
    """Decisions that are superseded, contests, and notices."""
    if not (whole.superseded or whole.contests or whole.notices):
        return
    yield Heading(_("What became of decisions"))
    for each in whole.superseded:
        said = {"outcome": each.ruling.label, "at": utc(each.ruling.at)}
        lines = [strong(_("%(outcome)s, %(at)s: superseded") % said)]
        reopened = {"who": each.who, "at": utc(each.at), "why": each.why}
        lines.append(paragraph(_("Reopened by %(who)s, %(at)s: %(why)s") % reopened, QUOTE))
        yield KeepTogether(lines)
    for contest in whole.contests:
        said = {"outcome": contest.ruling.label, "at": utc(contest.at)}
        yield strong(_("%(outcome)s: contested, %(at)s") % said)
        yield paragraph(contest.words or MASK, QUOTE)
        answered = (
            _("Answered: %s") % contest.answered if contest.answered else _("Not answered yet")
        )
        yield paragraph(answered)
    yield from facts([(_("Notice"), notice(each)) for each in whole.notices])


def notice(owed: AdverseNotice) -> str:
    """What became of the notice of an adverse decision."""
    if owed.sent_at is not None:
        sent = {"at": utc(owed.sent_at), "how": owed.get_channel_display()}
        return _("sent %(at)s: %(how)s") % sent
    if owed.dropped_at is not None:
        return _("no longer owed since %(at)s") % {"at": utc(owed.dropped_at)}
    return _("owed by %(at)s") % {"at": utc(owed.due_at)}


def happened(entries: Sequence[Entry]) -> Flow:
    """The history, a line for each event."""
    yield Heading(_("History"))
    rows = [(utc(entry.at), entry.words, entry.who) for entry in entries]
    yield from table((_("When"), _("What"), _("Who")), rows, (3, 6, 3))


# ---------------------------------------------------------------- of an erased case


def left(remains: Remains) -> Flow:
    """What there is to print of a case that was erased."""
    case = remains.case
    yield Heading(_("Case %s") % case.pk, style=TITLE)
    words = _("Erased on %(at)s: the data, the papers and all that was read or written of them.")
    yield strong(words % {"at": utc(remains.erased_at)})
    yield gap()
    rows = [
        (_("Kind of case"), _(case.definition.name)),
        (_("Received"), utc(case.created_at)),
        *decided(remains.ruling),
    ]
    yield from facts(rows)
    yield from seal(remains.placed)
    yield from happened(remains.history)
