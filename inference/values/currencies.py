"""Currencies by their ISO 4217 codes: named by code, sign or word, alone or beside an amount."""

import re
from collections.abc import Iterator, Mapping

from inference.values.folding import fold
from inference.values.spans import Value

CODE = re.compile("[A-Z]{3}")
CODES = frozenset(
    CODE.findall(
        """AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN
        BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS
        GIP GMD GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW
        KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN
        NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK
        SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS
        VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWL"""
    )
)
USUAL = frozenset(
    CODE.findall(
        """EUR USD GBP CHF MYR SGD AUD NZD HKD IDR PHP INR JPY CNY THB VND ZAR BRL MXN PLN CZK HUF RON BGN
        HRK RSD SEK NOK DKK ISK AED"""
    )
)
"""Codes that are no words, and stand alone on papers."""

SIGNS: Mapping[str, tuple[str, ...]] = {
    "€": ("EUR",), "£": ("GBP",), "₹": ("INR",), "₱": ("PHP",), "₺": ("TRY",), "₫": ("VND",),
    "฿": ("THB",), "₩": ("KRW",), "₴": ("UAH",), "₦": ("NGN",), "₽": ("RUB",), "₡": ("CRC",),
    "₲": ("PYG",), "₪": ("ILS",), "¥": ("JPY", "CNY"), "us$": ("USD",), "ca$": ("CAD",), "c$": ("CAD",),
    "au$": ("AUD",), "a$": ("AUD",), "nz$": ("NZD",), "hk$": ("HKD",), "s$": ("SGD",), "r$": ("BRL",),
    "nt$": ("TWD",), "mx$": ("MXN",), "mex$": ("MXN",),
    "$": ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "ARS", "CLP", "COP", "TWD", "UYU"),
    "rm": ("MYR",), "rp": ("IDR",), "zl": ("PLN",), "zt": ("PLN",), "kc": ("CZK",), "ft": ("HUF",),
    "lei": ("RON", "MDL"), "leu": ("RON", "MDL"), "tl": ("TRY",), "sfr": ("CHF",), "fr": ("CHF",),
    "chf": ("CHF",), "kr": ("SEK", "NOK", "DKK", "ISK"), "rs": ("INR", "PKR", "LKR", "NPR"),
    "euro": ("EUR",), "euros": ("EUR",), "dollar": ("USD", "CAD", "AUD"), "dollars": ("USD", "CAD", "AUD"),
    "zloty": ("PLN",), "zlotych": ("PLN",), "forint": ("HUF",), "kronor": ("SEK",), "ringgit": ("MYR",),
    "rupiah": ("IDR",), "reais": ("BRL",), "yen": ("JPY",), "din": ("RSD",), "francs": ("CHF", "XOF"),
    "franken": ("CHF",), "kroner": ("NOK", "DKK"), "rmb": ("CNY",), "pesos": ("MXN", "ARS", "CLP", "COP"),
}  # fmt: skip
"""What stands for a currency, folded, with the codes that it may mean, the likeliest first."""

ONLY_BESIDE = frozenset({"ft", "zt", "fr", "rs", "tl", "din", "kr", "zl", "kc", "rp", "yen"})
"""Signs that mean nothing without an amount beside them: they are words, or parts of others."""

SIGN = re.compile(
    r"(?:US|CA|AU|NZ|HK|NT|MX|Mex|S|R|A|C)?\$|[€£¥₹₱₺₫฿₩₴₦₽₡₲₪]"
    r"|(?<![^\W\d_])(?:[A-Z]{3}|RM|Rp|RP|z[łlt]|ZŁ|K[čc]|KČ|F[tT]|[Ll]e[iu]|LEI|TL|S?[Ff]r|[Kk]r|KR|Rs"
    r"|[Ee]uros?|EUROS?|[Dd]ollars?|[Zz][łl]ot(?:y|ych)|[Ff]orint|[Kk]ron(?:or|er)|[Rr]inggit|[Rr]upiah"
    r"|[Rr]eais|[Yy]en|din|[Ff]ran(?:cs|ken)|RMB|[Pp]esos|PESOS)(?![^\W\d_])"
)
BEFORE = re.compile(r"\d[.,'’]?[-–—]{0,2}\s{0,2}$")
AFTER = re.compile(r"^[.:*]?\s{0,2}[-−]?\*?\d")
PETROL = re.compile(r"RON ?9\d(?![\d.,])")  # octane, and no lei
BESIDE, ALONE, UNCLEAR = 1.0, 0.6, 0.5


def find(text: str) -> Iterator[Value]:
    """The currencies named in `text`: parsed at 1 beside a figure, less alone, and less yet where a
    sign may mean another currency too; then it is the likeliest.
    """
    for match in SIGN.finditer(text):
        codes = () if PETROL.match(text, match.start()) else meant(match.group())
        beside = bool(BEFORE.search(text[: match.start()]) or AFTER.search(text[match.end() :]))
        if codes and (beside or stands_alone(match.group())):
            sure = (BESIDE if beside else ALONE) * (1.0 if len(codes) == 1 else UNCLEAR)
            yield Value(codes[0], *match.span(), sure)


def stands_alone(sign: str) -> bool:
    """Whether a sign or code names a currency even where no figure is beside it."""
    return sign in USUAL or (fold(sign) in SIGNS and fold(sign) not in ONLY_BESIDE)


def meant(sign: str) -> tuple[str, ...]:
    """The codes that a sign, code or word may mean, the likeliest first; none where it is no currency's."""
    return (sign,) if sign in CODES else SIGNS.get(fold(sign), ())


def possible(text: str) -> frozenset[str]:
    """Every currency that the signs in a text may mean."""
    return frozenset(code for match in SIGN.finditer(text) for code in meant(match.group()))
