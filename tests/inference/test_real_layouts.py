"""Receipts laid out as tills of a dozen countries print them, typed as text: what is read of each."""

import pytest

from cases.definition import parse, read_toml
from inference.extraction import FoundField, find_fields
from tests.expenses import TOML
from tests.inference.typed import paper

SPECS = tuple(
    spec for spec in parse(read_toml(TOML.read_text())).fields if spec.document == "receipt"
)
PORTUGUESE = """
          PADARIA NOVA ERA LTDA
 CNPJ: 12.345.678/0001-95  IE: 110.042.490.114
    RUA AUGUSTA, 1508 - CONSOLACAO
        SAO PAULO - SP 01304-001
 Documento Auxiliar da Nota Fiscal de
     Consumidor Eletronica
CODIGO DESCRICAO    QTDE UN  VL UNIT  VL TOTAL
001 PAO FRANCES KG  0,350 KG   18,90     6,62
002 CAFE EXPRESSO   2 UN        6,50    13,00
003 SUCO LARANJA    1 UN       11,90    11,90
QTD. TOTAL DE ITENS                         3
VALOR TOTAL R$                          31,52
DESCONTO R$                              1,52
VALOR A PAGAR R$                        30,00
FORMA PAGAMENTO              VALOR PAGO R$
Dinheiro                                50,00
TROCO R$                                20,00
NFC-e n. 000123456 Serie 002 09/05/2025 13:27:41
Protocolo de autorizacao: 135250004567890
Data de autorizacao 09/05/2025 13:27:43
Tributos Totais Incidentes (Lei Federal 12.741/2012): R$ 4,05
"""
POLISH = """
           "JEDYNKA" s.c. Anna Nowak
          31-042 Kraków, Rynek Główny 12
              NIP 676-001-23-45
2025-03-14                           nr wydr.004512
              PARAGON FISKALNY
Kawa latte            2 szt. x14,00        28,00B
Sernik                1 szt. x16,50        16,50B
Woda gaz. 0,5         1 * 6,00              6,00A
Sprzedaż opodatkowana A                     6,00
PTU A 23%                                   1,12
Sprzedaż opodatkowana B                    44,50
PTU B 8%                                    3,30
SUMA PTU                                    4,42
SUMA PLN                                   50,50
00123 #Kasa 1   Kasjer nr 2          14:07
Karta                                 50,50 PLN
"""
ITALIAN = """
            TRATTORIA DA GINO S.N.C.
            DI ROSSI L. & BIANCHI M.
          VIA DEI SERPENTI 41 - 00184 ROMA
             P.IVA 01234567890
               DOCUMENTO COMMERCIALE
           di vendita o prestazione
DESCRIZIONE              IVA      Prezzo(€)
COPERTO x 2             10,00%         5,00
SPAGHETTI CACIO PEPE    10,00%        13,00
SALTIMBOCCA             10,00%        17,00
ACQUA 1L                10,00%         3,00
TOTALE COMPLESSIVO                    38,00
di cui IVA                             3,45
Pagamento contante                     0,00
Pagamento elettronico                 38,00
Non riscosso                           0,00
Resto                                  0,00
Importo pagato                        38,00
08-11-2024 21:46
DOCUMENTO N. 0412-0057
RT 99MEY012345
"""
GERMAN = """
              Gasthaus zum Anker
          Inhaber: Karl Petersen e.K.
          Hafenstr. 3, 24103 Kiel
           Tel. 0431/123456
           St.-Nr. 20/123/45678

Rechnung Nr. 10234            Tisch 12
Datum: 17.01.2025             20:41 Uhr
2 x Labskaus           14,50     29,00 A
1 Scholle                        21,80 A
3 Jever 0,4             4,60     13,80 A
----------------------------------------
Zwischensumme                    64,60
Gesamt EUR                       64,60
A 19,00% Netto 54,29 MwSt.       10,31
Bewirtungsaufwand-Angaben
(Par. 4 Abs. 5 Ziff. 2 EStG)
Bewirtete Personen:
Anlass der Bewirtung:
Trinkgeld                         5,40
EC-Karte                         70,00
Ort, Datum           Unterschrift
"""
AMERICAN = """
           THE BLUE HERON
          218 Water Street
       Portland, ME 04101
         (207) 555-0142

Server: Dana          Table 14
Check #3381           Guests: 2
10/07/2024 7:52 PM

1 Clam Chowder              9.50
2 Lobster Roll             58.00
1 Draft IPA                 8.00
Subtotal                   75.50
Tax                         6.04
Total                      81.54

Tip: ____________
Total: ____________
Suggested Tip
18%: (Tip $13.59 Total $95.13)
20%: (Tip $15.10 Total $96.64)
22%: (Tip $16.61 Total $98.15)
"""
BRITISH = """
        HOLLOWAY HARDWARE LTD
      114 High Street, Lewes BN7 1XH
        VAT No. GB 123 4567 89
           VAT RECEIPT
  05/02/2025   11:18    Till 2  Op: JS
MASKING TAPE            £4.20 *
PAINT BRUSH SET         £9.60 *
2 @ £1.10
SEED PACKET             £2.20
3 ITEMS
TOTAL                  £16.00
VISA CONTACTLESS       £16.00
AID: A0000000031010
CARD NO ************4412
VAT ANALYSIS
RATE    NET      VAT    GROSS
20.0%  11.50    2.30    13.80
0.0%    2.20    0.00     2.20
TOTAL  13.70    2.30    16.00
THANK YOU FOR SHOPPING WITH US
"""
FRENCH = """
           BRASSERIE LE COMPTOIR
         SARL AU CAPITAL DE 8000 EUR
       23 rue des Martyrs 75009 PARIS
       SIRET 512 345 678 00019
       TVA FR 40 512345678
    Le 22/03/2025 à 13:05  Table 7  Couverts 2
2 FORMULE MIDI     18,90      37,80
1 VERRE CHINON                 6,50
2 CAFE              2,50       5,00
Sous-total                    49,30
TOTAL TTC                  EUR 49,30
Soit en francs                323,39
TVA    Taux     HT      TVA     TTC
 A    10,00%  38,91    3,89   42,80
 B    20,00%   5,42    1,08    6,50
CB                            49,30
Merci de votre visite
"""
DUTCH = """
              EETCAFE DE BUURT
              Prinsengracht 211
              1015 DT Amsterdam
              KvK 34123456
Bon: 20251  Tafel: 8   12-04-25 18:33
2 Kroket            4,50       9,00
1 Broodje gezond               7,25
2 Cappuccino        3,60       7,20
Totaal                        23,45
PIN                           23,45
BTW%    Over      BTW     Bedrag
9,00   21,51     1,94      23,45
Terminal: 4DK2L1   Merchant: 1398765
Periode: 5102   Transactie: 02218541
Betaling
"""
SWEDISH = """
            ICA Nära Torget
          Hantverkargatan 12, Lund
            Org.nr 556123-4567
               KVITTO
Kassa 3  Kassör 12      250318 17:42
Mjölk 1,5%                 17,90
Knäckebröd       2*24,50   49,00
Bananer   0,842kg*26,95kr/kg 22,69
Pant                        2,00
Totalt antal varor: 5
Totalt                 91,59 SEK
Öresavrundning              0,41
Att betala                 92,00
Kontant                   100,00
Tillbaka                    8,00
Moms%    Moms    Netto   Brutto
12,00    9,60    79,99    89,59
25,00    0,40     1,60     2,00
"""
HUNGARIAN = """
            KÁVÉHÁZ 2000 KFT.
        1065 BUDAPEST NAGYMEZŐ U. 24.
          ADÓSZÁM: 12345678-2-42
        -------- NYUGTA --------
C00 ESPRESSO
   2 DB x 890                    1 780
C00 KRÉMES                       1 290
RÉSZÖSSZESEN:                    3 070
ÖSSZESEN:                     3 070 Ft
KÉSZPÉNZ:                     3 070 Ft
NYUGTASZÁM: 0214/00087
2025.02.11. 10:22
NAV ELLENŐRZŐ KÓD: 7C3F1
           AP A12345678
"""
INDONESIAN = """
            RM SEDERHANA BINTARO
         Jl. Bintaro Utama 3A No. 12
             Tangerang Selatan
             Telp. 021-7351234
No: 250406-0113        Kasir: SITI
06/04/2025 12:51
2 Nasi Rendang   @32.000     64.000
1 Ayam Pop                   28.000
3 Es Teh Manis   @8.000      24.000
Sub Total                   116.000
Service 5%                    5.800
PB1 10%                      12.180
Pembulatan                       20
TOTAL                    Rp 134.000
TUNAI                       150.000
KEMBALI                      16.000
        Terima kasih
"""
TURKISH = """
          ÇINAR GIDA TİC. LTD. ŞTİ.
         BAĞDAT CAD. NO:188 KADIKÖY
              İSTANBUL
        GÖZTEPE V.D. 2340123456
TARİH : 19/01/2025       SAAT : 15:38
FİŞ NO : 0041
EKMEK            %1            *12,50
BEYAZ PEYNİR     %1           *184,90
KOLA 1L          %10           *45,00
ARA TOPLAM                    *242,40
TOPKDV                          *6,04
TOPLAM                        *242,40
KREDİ KARTI                   *242,40
EKÜ NO:0001  Z NO:0872
MF AB 12345678
"""
CASES = {
    "Portuguese": (PORTUGUESE, "PADARIA NOVA ERA LTDA", "2025-05-09", "30.00", "4.05", "BRL"),
    "Polish": (POLISH, 'JEDYNKA" s.c. Anna Nowak', "2025-03-14", "50.50", "4.42", "PLN"),
    "Italian": (ITALIAN, "TRATTORIA DA GINO S.N.C.", "2024-11-08", "38.00", "3.45", "EUR"),
    "German": (GERMAN, "Gasthaus zum Anker", "2025-01-17", "64.60", "10.31", "EUR"),
    "American": (AMERICAN, "THE BLUE HERON", "2024-10-07", "81.54", "6.04", "USD"),
    "British": (BRITISH, "HOLLOWAY HARDWARE LTD", "2025-02-05", "16.00", "2.30", "GBP"),
    "French": (FRENCH, "BRASSERIE LE COMPTOIR", "2025-03-22", "49.30", "4.97", "EUR"),
    "Dutch": (DUTCH, "EETCAFE DE BUURT", "2025-04-12", "23.45", "1.94", None),
    "Swedish": (SWEDISH, "ICA Nära Torget", "2025-03-18", "92.00", "10.00", "SEK"),
    "Hungarian": (HUNGARIAN, "KÁVÉHÁZ 2000 KFT.", "2025-02-11", "3070.00", None, "HUF"),
    "Indonesian": (
        INDONESIAN,
        "RM SEDERHANA BINTARO",
        "2025-04-06",
        "134000.00",
        "12180.00",
        "IDR",
    ),
    "Turkish": (TURKISH, "ÇINAR GIDA TİC. LTD. ŞTİ.", "2025-01-19", "242.40", "6.04", None),
}
FIELDS = ("merchant", "date", "total", "tax", "currency")


NAMELESS = (
    ("TAX INVOICE", "No 12, Jalan Besar 3/4", "43000 Kajang Selangor"),
    ("RECEIPT", "123 Main Street", "Springfield, IL 62704"),
    ("Rechnung", "Hauptstraße 12", "80331 München", "Kaffee   3,20"),
    ("BON FISCAL", "Str. Lipscani 22", "Bucuresti Sector 3"),
    ("TICKET DE CAISSE", "12 rue de la Paix", "75002 PARIS"),
    ("FACTURA SIMPLIFICADA", "C/ Mayor 5, 28013 Madrid", "NIF B12345678"),
    ("Welcome!", "Your cashier today was ANNA", "12/03/2024"),
    ("1 Cappuccino   3,20", "1 Croissant    2,10"),
)
"""Heads of receipts that show whose they are by a logo alone."""


def read(text: str) -> dict[str, FoundField]:
    return {field.name: field for field in find_fields(SPECS, [paper(text, "receipt")])}


@pytest.mark.parametrize("country", CASES)
def test_a_layout_is_read_as_its_country_prints_it(country: str) -> None:
    text, *truth = CASES[country]
    found = read(text)
    assert [found[name].value for name in FIELDS] == truth


@pytest.mark.parametrize("head", NAMELESS, ids=[head[0] for head in NAMELESS])
def test_an_address_a_heading_or_goods_are_no_merchant(head: tuple[str, ...]) -> None:
    assert read("\n".join((*head, "TOTAL          12.00")))["merchant"].value is None


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("27 032018   No CS-20242", "2018-03-27"),
        ("30/032018   No CS-20322", "2018-03-30"),
        ("Tel 27 03201881", None),
    ],
)
def test_a_date_that_lost_a_separator_is_read(line: str, day: str | None) -> None:
    assert read(f"Corner Books Ltd\n{line}\nTOTAL   9.50")["date"].value == day


def test_a_count_of_items_is_no_total() -> None:
    found = read(
        "Hardware Trading\nSubtotal   6.00\nNet   5.66\nTax   0.34\nPayment   6.00\nChange   0.00\n"
        "Total Item(S): 3"
    )
    assert found["total"].value != "3.00"
