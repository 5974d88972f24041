"""Month names of the main Latin-script languages, whole and shortened, folded (no case, no accents)."""

from functools import cache

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

NAMES = """
january jaanuar janvaris sausio sausis gener sijecnja sijecanj urtarrila
    jan januar janvier janv enero ene gennaio gen janeiro januari tammikuu tammi stycznia
    styczen sty leden ledna
    led januarie ian ianuarie ocak oca januaro
february veebruar februaris vasario vasaris febrer veljace veljaca otsaila
    feb februar fevrier fevr febrero febbraio fevereiro fev februari helmikuu helmi lutego
    luty lut unor unora
    februarie subat sub pebruari febr
march marec marts kovo kovas marcas ozujka ozujak martxoa
    mar marz mars marzo marco maart mrt maret mac maaliskuu maalis marca marzec brezen brezna
    martie mart marcius maerz
april aprill aprilis balandzio travnja travanj apirila
    apr avril avr abril abr aprile huhtikuu huhti kwietnia kwiecien kwi duben dubna aprilie
    nisan nis aprilis
may maijs geguzes geguze maig svibnja svibanj maiatza
    mai mayo maggio mag maio mei maj toukokuu touko maja kveten kvetna kve mayis majus
june juuni junijs birzelio juny lipnja lipanj ekaina
    jun juni juin junio giugno giu junho kesakuu kesa czerwca czerwiec cze cerven cervna iunie
    iun haziran haz junius
july juuli julijs liepos liepa juliol srpnja srpanj uztaila
    jul juli juillet juil julio luglio lug julho heinakuu heina lipca lipiec lip cervenec
    cervence iulie iul temmuz
    tem julius julai
august augusts rugpjucio agost kolovoza kolovoz abuztua
    aug aout agosto ago agustus ogos elokuu elo sierpnia sierpien sie srpen srpna agu agustos
    augustus augusti augusztus
september septembris rugsejo setembre rujna rujan iraila
    sep sept septembre septiembre settembre set setembro setiembre syyskuu syys wrzesnia
    wrzesien wrz zari
    septembrie eylul eyl szeptember
october oktoober oktobris spalio spalis urria
    oct oktober okt octobre octubre ottobre ott outubro out lokakuu loka pazdziernika
    pazdziernik paz rijen rijna
    octombrie ekim eki oktobar
november novembris lapkricio studenoga studeni azaroa
    nov novembre noviembre novembro marraskuu marras listopada listopad lis noiembrie kasim kas nopember
december detsember decembris gruodzio desembre prosinca prosinac abendua
    dec dez dezember decembre diciembre dic dicembre dezembro des desember joulukuu joulu
    grudnia grudzien gru
    prosinec prosince decembrie aralik ara disember
"""


def table() -> dict[str, int]:
    """Month name to number, from the paragraphs of NAMES (a line that is indented goes on with its month)."""
    lines = NAMES.strip().replace("\n    ", " ").split("\n")
    return {name: month for month, line in enumerate(lines, start=1) for name in line.split()}


MONTHS = table()


@cache
def month_of(word: str) -> int | None:
    """The month that a folded word names, one slip of the OCR allowed in a word of four letters or more."""
    if word in MONTHS:
        return MONTHS[word]
    if len(word) < 4:
        return None
    near = process.extractOne(word, list(MONTHS), scorer=Levenshtein.distance, score_cutoff=1)
    return None if near is None else MONTHS[near[0]]
