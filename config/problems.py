"""The kinds of problem that the API answers with, each explained for who meets it (RFC 9457)."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings

MEGABYTES = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 2**20
HOURS = settings.IDEMPOTENCY_KEY_HOURS
AGAIN = "Send the same request again after as many seconds as Retry-After says."


@dataclass(frozen=True, slots=True)
class Problem:
    """A kind of problem, under the stable name that its `type` ends in."""

    name: str
    status: int
    title: str
    detail: str
    """What it means and what to do about it, where the error itself says no more."""
    cause: str
    """When it comes, for the page that explains it."""
    remedy: str
    """What to do about it, for the same page."""
    errors: tuple[Mapping[str, str], ...] = ()
    """Errors as they may come with it, for the example there."""

    @property
    def type(self) -> str:
        """The URI that names the problem, and where it is explained."""
        return f"/problems/{self.name}"


MALFORMED = Problem(
    "malformed-body",
    400,
    "The body can't be read",
    "Send JSON in UTF-8.",
    "The body is empty, is no JSON, no TOML, no form with the boundary it names, not UTF-8, nests "
    "deeper than 32 levels, names a member twice, or holds NaN, U+0000, half of a surrogate pair or a whole "
    "number beyond ±(2⁵³ − 1).",
    "The detail says what it is and, for JSON and TOML, where. Mend the body and send it.",
)
BAD_REQUEST = Problem(
    "bad-request",
    400,
    "The request can't be read",
    "Its form is wrong.",
    "The request as a whole is wrong, such as its host or its encoding; no part of it was looked at.",
    "Ask for the very address that you were given, through nothing that changes the request.",
)
INVALID_QUERY = Problem(
    "invalid-query",
    400,
    "The query can't be used",
    "See errors.",
    "A parameter after the “?” is unknown, stands there twice, or has a value that it can't have.",
    "Each of the errors names the parameter and says what it may be. A “+” is written %2B there.",
    ({"parameter": "limit", "code": "invalid", "detail": "must be a whole number from 1 to 200"},),
)
IF_MATCH_MALFORMED = Problem(
    "if-match-malformed",
    400,
    "If-Match can't be read",
    'It is the ETag as you were given it, in its double quotes: “If-Match: "3"”.',
    "If-Match holds something other than ETags in double quotes, or a weak one (W/), which can't "
    "stand for the exact state that you have seen.",
    "Send the header ETag of what you read unchanged: its quotes belong to it. “*” means any state.",
)
NOT_SIGNED_IN = Problem(
    "no-valid-key",
    401,
    "No valid API key",
    "Send a live key as “Authorization: Bearer csk_…”.",
    "The request carries no API key, or one that is unknown, expired or revoked, or whose client is "
    "switched off.",
    "Send “Authorization: Bearer csk_…”. If the key has ended, let its owner rotate it.",
)
FORBIDDEN = Problem(
    "scope-missing",
    403,
    "The key may not do this",
    "Use one with the scope for it, such as cases:read or policies:write.",
    "The key is good, but lacks the scope that the call asks for: cases:read, cases:write, "
    "webhooks:write or policies:write.",
    "Use a key that was made with that scope.",
)
UNKNOWN = Problem(
    "not-found",
    404,
    "There is no such thing",
    "It is not here, or not yours.",
    "The address leads nowhere, or to something of another client's: the two are not told apart.",
    "Use the address that Location or a list gave you, with a key of the same client.",
)
NOT_DECIDED = Problem(
    "not-decided",
    404,
    "The case is not decided yet",
    "Ask later, or make a webhook.",
    "The case is there, and is still being read, scored or reviewed.",
    "Ask again later, or make a webhook that tells you of the decision.",
)
NO_SUCH_METHOD = Problem(
    "method-not-allowed",
    405,
    "The method is not for this",
    "See the header Allow.",
    "The address is right, but can't be used with this method.",
    "Use one of the methods that the header Allow names.",
)
NOT_ACCEPTABLE = Problem(
    "not-acceptable",
    406,
    "Only JSON is spoken here",
    "Accept application/json; policies come as application/toml, too, checkpoints as text/plain alone.",
    "The header Accept leaves out application/json, and application/toml where a policy is read.",
    "Accept application/json, or leave the header out.",
)
NOT_WITHDRAWABLE = Problem(
    "not-withdrawable",
    409,
    "The case can't be withdrawn",
    "It is decided, or has been withdrawn already.",
    "The case is decided, or has been withdrawn before.",
    "Nothing: read the case to see which of the two it is.",
)
REQUEST_CLOSED = Problem(
    "information-request-closed",
    409,
    "Nobody waits for this answer",
    "Read the information request: its status says what became of it.",
    "The information request was answered before, or the reviewers go on without an answer, or the "
    "case is no longer with them. Nothing of the answer was kept.",
    "Read the case's information requests: another one may be open, and that one can be answered.",
)
NOT_CONTESTABLE = Problem(
    "not-contestable",
    409,
    "There is no decision to contest now",
    "Read the case: its status says where it stands.",
    "The case is still being judged, is being judged anew since its decision was contested or "
    "superseded, or was withdrawn.",
    "Wait for the decision; that one can be contested.",
)
NOTHING_OWED = Problem(
    "nothing-owed",
    409,
    "The notice is not owed any more",
    "Read the case: its decision was superseded.",
    "The decision that the notice tells of was superseded before the notice was sent.",
    "Nothing: send no letter of it. The case's next decision has a notice of its own where it owes one.",
)
IN_PROGRESS = Problem(
    "request-in-progress",
    409,
    "The first request is still running",
    "A request with the same Idempotency-Key is being answered. Send this one again shortly.",
    "A request with the same Idempotency-Key came before this one and is not answered yet.",
    AGAIN + " You will get the answer of the first one.",
)
WITHDRAWN = Problem(
    "withdrawn",
    410,
    "The case was withdrawn",
    "There will be no decision.",
    "The case was taken back before it was decided, so it has no decision and will get none.",
    "Stop asking. To have it decided after all, post it as a new case with a new Idempotency-Key.",
)
NOT_SEALED = Problem(
    "not-sealed",
    409,
    "The log is not sealed over it yet",
    "Ask again after as many seconds as Retry-After says.",
    "The decision is made and recorded, but no checkpoint was signed over its event yet: that takes some "
    "five seconds. A receipt without one would prove nothing.",
    AGAIN,
)
ERASED = Problem(
    "erased",
    410,
    "The case was erased",
    "What it held is gone for good; the case itself says since when.",
    "The case was kept as long as it had to be, or the person it is about asked to be erased. Its data, "
    "its papers and all that was written about it are gone, and can't be brought back. Reading the case "
    "still tells its status and its outcome, and `erased_at`.",
    "Stop asking. Whatever you keep of the person yourself is for you to look after.",
)
LENGTH_MISSING = Problem(
    "length-required",
    411,
    "The body's length is missing",
    "Send Content-Length; not chunks.",
    "The body comes in chunks, so that its size is not known before it is read.",
    "Send the header Content-Length; most programs do so by themselves where they have the whole body.",
)
PROPOSAL_CLOSED = Problem(
    "proposal-closed",
    409,
    "The proposal can't be changed any more",
    "Read it: its status says what became of it.",
    "The proposal is no draft any more: people were asked to sign it, or have answered, or it was "
    "discarded.",
    "Read the proposal. To go on from it, draft a new one with its policy.",
)
PROPOSAL_CHANGED = Problem(
    "proposal-changed",
    412,
    "The proposal has changed",
    "Read it again, and decide anew.",
    "The proposal is no longer of the revision whose ETag stands in If-Match.",
    "Read the proposal, see whether you still want the change, and send the new ETag.",
)
VERSION_CHANGED = Problem(
    "version-changed",
    412,
    "The case has changed",
    "Read it again, and decide anew.",
    "The case is no longer in the state whose ETag stands in If-Match.",
    "Read the case, see whether you still want the change, and send the new ETag.",
)
TOO_LARGE = Problem(
    "body-too-large",
    413,
    "The body is too large",
    f"A body may have {MEGABYTES} MiB at most.",
    f"The body has more than {MEGABYTES} MiB. Nothing of it was read.",
    "Send papers in a form, which takes a quarter less than base64, or scan them at 200 to 300 dpi.",
)
UNSUPPORTED = Problem(
    "unsupported-media-type",
    415,
    "The body's type is not read here",
    "Send application/json, multipart/form-data to post a case, or application/toml for a policy.",
    "Content-Type names another type than application/json, than multipart/form-data where a case is "
    "posted, or than application/toml where a policy is sent.",
    "Name the type of the body in Content-Type.",
)
INVALID = Problem(
    "invalid-input",
    422,
    "The input can't be accepted",
    "See errors.",
    "The body can be read, but something in it is against the rules for it or the pipeline's schema.",
    "Each of the errors has a JSON pointer into the body, a stable code, and words. All of them are "
    "told at once, but for what papers hold: papers are opened once all else is right. The answer is "
    "kept with the Idempotency-Key, so send the mended body with a new one.",
    (
        {
            "pointer": "#/data/loan/amount",
            "code": "exclusiveMinimum",
            "detail": "must be more than 0",
        },
    ),
)
KEY_REUSED = Problem(
    "idempotency-key-reused",
    422,
    "Idempotency-Key was used before",
    "It came with another body or query. Use a new key for another request.",
    f"The key came with another body or query in the last {HOURS} hours. They are compared byte by byte.",
    "Use a new key for a new request, and the very same body to send the same one again.",
)
IF_MATCH_MISSING = Problem(
    "if-match-missing",
    428,
    "If-Match is missing",
    "Send the ETag as you read it.",
    "The call changes a case or a proposal, and does not say in which state you have seen it.",
    "Read it, and send its header ETag as If-Match.",
)
TOO_MANY = Problem(
    "too-many-requests",
    429,
    "Too many requests",
    "Wait as long as Retry-After says.",
    "The client has used up its allowance of requests; the headers RateLimit-Policy and RateLimit "
    "tell how much that is.",
    AGAIN + " A webhook spares asking for decisions.",
)
KEY_MISSING = Problem(
    "idempotency-key-missing",
    400,
    "Idempotency-Key is missing",
    "Send one of your own for each new case, answer or proposal, in double quotes; the same when you send "
    "it again.",
    "A case, the answer to a question about one, or a proposal was posted without the header "
    "Idempotency-Key, which keeps it from being taken twice when our answer is lost on its way.",
    "Make a key for each of them, such as a UUID, and send it in double quotes.",
)
KEY_MALFORMED = Problem(
    "idempotency-key-malformed",
    400,
    "Idempotency-Key is malformed",
    'It is 1 to 255 ASCII characters in double quotes: “Idempotency-Key: "0b1c…"”.',
    "The key is not in double quotes, is empty, has more than 255 characters or any that is not "
    "printable ASCII.",
    'Send it as “Idempotency-Key: "0b1c…"”, with the quotes; one inside is written \\".',
)
FAILED = Problem(
    "internal-error",
    500,
    "Something failed here",
    "Nothing was kept of it. Tell us the instance.",
    "A fault of ours. Nothing came of the request.",
    "Send it again with the same Idempotency-Key. If it stays, tell us the instance: our log has it.",
)
AWAY = Problem(
    "unavailable",
    503,
    "Not available just now",
    "Nothing was kept of it. Try again shortly.",
    "The database can't be reached. Nothing came of the request.",
    AGAIN,
)
HOUSE_FULL = Problem(
    "house-full",
    503,
    "Too many cases wait already",
    "Nothing was read of it. Try again later.",
    "So many cases wait to be read and scored that a new one would only wait behind them. The answer "
    "of a post that was done before is still given again.",
    AGAIN,
)

ALL = [problem for problem in list(vars().values()) if isinstance(problem, Problem)]
CATALOGUE = {problem.name: problem for problem in ALL}
"""All of them by name."""
