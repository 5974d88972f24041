"""Words of printed papers in general, in the main Latin-script languages, folded (no case, no accents)."""

from collections.abc import Collection


def listed(words: str) -> frozenset[str]:
    """The words of a text, each once."""
    return frozenset(words.split())


def share(own: Collection[str], words: frozenset[str]) -> float:
    """How much of a text's `own` words, 0–1, is of `words`."""
    return sum(word in words for word in own) / max(1, len(own))


ABBREVIATED = {
    "amt": "amount", "acc": "account", "acct": "account", "tot": "total", "ttl": "total", "qty": "quantity",
    "bal": "balance", "emp": "employee", "appl": "applicant", "ref": "reference", "dept": "department",
}  # fmt: skip
"""What labels shorten."""

NEUTRAL = listed(
    """rm myr eur euro euros usd gbp chf sgd aud cad us s r e in of the no nr num number amount due
    payable sales net nett rounded grand amt amount en a pagar zu zahlen zahlbetrag betrag summe
    payer montant importe importo valor le il el la der die das den und and de du to pay jumlah
    final nok sek dkk isk kr pln zl czk kc huf ft ron lei tl try idr rp jpy brl inr rs mxn kokku
    celkem uhrade k do zaplaty zaplaceni kwota castka fizetendo osszesen vegosszeg ukupno iznos racuna
    plata toplam genel odenecek tutar tutari bayar belanja totalt betala betale att at belop belob
    betalen te bedrag maksettava yhteensa documento dovuto pagato complessivo"""
)
"""Words that may stand by a label and leave its meaning as it is."""

INCLUDING = listed(
    """incl inclusive including included inc with w after inkl inklusive einschl einschliesslich
    mit ttc compris incluido incluida con inclusa incluso compreso inbegrepen inclusief met
    termasuk selepas inkluderat inklusiv inkludert ml sis sisaltaa zawiera vcetne vratane brutto
    tartalmaz inclus dahil wliczony z ukljucen ukljuceno sa con iva_incl impostos c"""
)
"""Words after which a word of TURNING doesn't turn a total into something else."""

TURNING = listed(
    """sub excl exclusive excluding before without less tax taxes taxable gst vat sst mwst ust tva
    iva btw moms igst cgst sgst service charge discount disc qty quantity item items pcs pc
    count rounding round adjustment adj saving savings saved points point change cash tender
    tendered received balance carried forward brought previous rabatt steuer netto zwischen
    zwischensumme wechselgeld gegeben bar remise sous rendu especes articles ht hors descuento
    articulos cambio efectivo sconto resto contanti subtotale desconto troco dinheiro korting
    wisselgeld contant diskaun cukai tunai baki hours days weight volume ytd year month
    moms mva alv ptu podatek dph afa pdv ddv porez kdv topkdv ppn pajak icms tributos imposta imposte
    impuesto impuestos vero veroton netto nettobelopp rabat rabatt alennus sleva kedvezmeny reducere popust
    indirim diskon sconti delsumma delsum mellemsum podsuma mezisoucet reszosszeg reszosszesen valisumma
    meduzbroj ara matrah osnovica zaklad imponibile incidencia base tilbake tillbaka retur takaisin reszta
    vraceno visszajaro rest povrat ustu kembali kontant kateinen gotowka hotovost keszpenz numerar
    gotovina nakit antal antall antall ilosc pocet oresavrundning avrundning afronding rundung
    savings tip gratuity trinkgeld pourboire propina punkte bonus fees fee tendering"""
)
"""Words that turn the label of a sum into the label of another sum."""

JOINING = listed("of de du der des del della di do da van von for fur pour para per och og")
"""Words that tie what follows to the label before it."""

ASIDE = listed(
    """notice benefit earnings wages salary payroll report certificate contract quotation reminder
    period month tax taxes gst vat sst cukai mwst ust tva iva btw moms invoice receipt bill simplified
    rechnung quittung bon kassenbon facture recu ticket factura recibo fattura ricevuta
    scontrino fatura bukti faktura kvitto kvittering kuitti paragon welcome willkommen bienvenue
    bienvenidos benvenuti thank thanks danke merci gracias grazie copy duplicate original
    customer tel telephone phone fax mobile hp email mail www http https com website reg
    registration company co roc brn ssm no number id date time table cashier counter pos
    terminal member order document doc page cash sale sales credit card debit delivery statement
    payslip application form caisse simplificada fiscale fiscal fiskalny nefiscal commerciale documento
    auxiliar non vat merchant record nyugta fis fisi bilgi blocek doklad danovy racun
    pokladni pokladnicni struk nota kasserat guest check your today was served server till operator"""
)
"""Words of a heading that say what a paper is or how to reach somebody, and are no part of a name."""

STREET = listed(
    """jalan jln jl lorong lot taman tmn bandar kampung kg persiaran lebuh floor flr flor level
    unit block blok blk suite street st road rd avenue ave lane drive boulevard blvd plaza mall
    strasse str platz weg allee rue avenida calle carrer via viale piazza corso rua praca straat
    plein laan vej gatan gade ulica ul seksyen sector sektor kawasan perindustrian highway hwy box postcode
    zip kuala selangor johor"""
)
"""Words of addresses."""

STREET_ENDINGS = (
    "strasse",
    "str",
    "platz",
    "weg",
    "gasse",
    "allee",
    "straat",
    "laan",
    "vagen",
    "gade",
)
"""The ends of the names of streets in the languages that write them as one word."""

FIRM = listed(
    """sdn bhd berhad s/b plt enterprise enterprises trading ltd limited llc llp inc incorporated
    corp corporation plc pte pty gmbh ag kg ohg ug se sa sas sarl sl slu spa srl snc bv nv ab as
    asa aps oy oyj kft zrt doo spzoo lda ltda company group holdings restaurant restoran
    ristorante kedai pasar mart market supermarket hypermarket store stores shop cafe caffe
    bakery bistro pub bar hotel pharmacy farmasi apotheke pharmacie klinik clinic gift gifts
    home deco decor furniture fashion books electronics electrical electric optical dental
    medical auto tyre tyres motors bakery confectionery seafood catering laundry florist
    jewellery sports toys pets garage hardware machinery stationery motor petrol services
    service industries international hospital bank perniagaan syarikat bookstore boutique salon
    kitchen foods food"""
)
"""Words of the names of firms."""

FORM = listed(
    """name address phone telephone email date birth nationality occupation position department
    signature number id employer employee amount total period account currency country city
    postcode gender sex marital status title code reference ref description details page bank
    branch salary gross net pay tax nom prenom adresse datum anschrift unterschrift geburtsdatum
    nombre direccion fecha firma indirizzo data morada assinatura naam adres handtekening"""
)
"""Words of labels on forms, of which a value hardly consists."""

TOTALS = listed(
    """total totals totale totaal totalt totaalbedrag totalbelop totalbeloep summe summa sum suma somme
    gesamt gesamtbetrag gesamtsumme endbetrag endsumme rechnungsbetrag rechnungstotal zahlbetrag
    zwischensumme zwischentotal subtotal subtotale subtotaal soustotal delsumma delsum mellemsum
    mellomsum podsuma mezisoucet medzisucet reszosszeg reszosszesen valisumma vahesumma loppusumma
    kokku yhteensa maksettava montant betalen betale betala betales pagar payer zahlen
    zaplaty zaplata uhrade uhradu zaplaceni zaplatenie celkem celkom spolu
    castka suma razem naleznosc osszesen vegosszeg fizetendo
    ukupno sveukupno iznos platiti medzuzbroj meduzbroj skupaj znesek placilo kopa apmaksai viso
    moketi toplam genel odenecek tutar tutari jumlah jml bayar belanja keseluruhan imponibile netto
    importe complessivo dovuto pagato plata valor alt due payable balance amount subtot tot guztira
    ordaintzeko totala matrah incidencia osnovica zaklad summen belop belob nettobetrag bruttobetrag
    sprzedaz opodatkowana opod"""
)
"""Words of the labels of sums."""

TAXES = listed(
    """tax taxes vat gst hst pst qst sst mwst ust mehrwertsteuer umsatzsteuer steuer tva tps tvq iva igic
    btw moms mva merverdiavgift alv arvonlisavero vero ptu podatek dph afa ado pdv ddv porez davek
    kaibemaks kmd pvn pvm kdv topkdv ppn pajak pb1 icms iss tributos impuesto impuestos imposta impot cgst
    sgst igst kdvli vsk bez taks cukai momsbelob mvabelop service"""
)
"""Words of the labels of taxes."""

PAYMENTS = listed(
    """cash change card visa mastercard maestro amex debit credit tendered tender paid payment bar
    rueckgeld ruckgeld gegeben ec girocard karte kartenzahlung especes rendu cb carte efectivo cambio
    tarjeta contanti contante resto pagamento numerario troco multibanco dinheiro cartao contant pin
    wisselgeld kontant tillbaka kort kortbetalning tilbake bankaxept retur dankort kateinen takaisin
    korttimaksu gotowka reszta karta hotovost vraceno keszpenz visszajaro bankkartya numerar rest
    gotovina povrat kartica nakit ustu kredi tunai kembali kembalian baki rounding round rundung
    arrondi redondeo arrotondamento arredondamento afronding oresavrundning avrundning avrunding
    oreafrunding pyoristys zaokraglenie zaokrouhleni kerekites rotunjire zaokruzenje yuvarlama
    pembulatan tip gratuity trinkgeld pourboire propina mancia gorjeta fooi dricks drikkepenge savings"""
)
"""Words of the labels of how it was paid, of what cash is rounded by, and of what is given on top."""

HEADS = listed(
    """description item items product article artikel bezeichnung beschreibung produkt ware posten
    designation libelle produit descripcion articulo concepto producto descrizione articolo prodotto
    descricao produto artigo omschrijving artikelen benamning vara beskrivelse vare tuote nimike nazwa
    towar nazev polozka nazov megnevezes termek denumire produs naziv artikl proizvod opis urun aciklama
    cinsi nama barang qty quantity quant menge anzahl qte quantite cant cantidad qta quantita qtd qtde
    quantidade aantal antal antall stk maara kpl ilosc mnozstvi menny mennyiseg db kolicina kol adet
    miktar jml kuantiti price preis einzelpreis prix pu precio prezzo preco prijs pris hinta cena
    egysegar ar pret cijena fiyat harga unit uprice amount betrag montant importe importo valor bedrag
    belopp belop belob summa wartosc ertek valoare iznos tutar total hind kogus kaina kiekis kogus cena
    skaits daudzums rate disc gesamt vl keterangan ilgis prekes toode nimetus"""
)
"""Words that head the columns of a list of goods."""

PARTLY = listed(
    """incl including includes included thereof davon darin inkl enthalten enth dont cui di waarvan
    incluido incluye varav herav heraf hvoraf josta toho od czym ebbol din care od toga dahil
    contained inbegrepen inclui"""
)
"""Words before a tax that is held in the sum above it."""

WITHOUT = listed(
    """excl exclusive excluding ex exkl ekskl without before less hors ht sans sin senza sem zonder
    utan uden uten ilman bez brez nelkul fara haric net taxable veroton"""
)
"""Words that say that a sum is without the tax."""

TIPS = listed(
    "tip tips gratuity gratuities trinkgeld pourboire propina mancia gorjeta fooi dricks drikkepenge"
)
"""Words for what guests give on top."""

SHARES = listed("capital capitale sociale kapital stammkapital aktiekapital kapitalu zakladowy")
"""Words for what a firm was founded with, as some countries have it printed."""

COUNTS = listed(
    """qty quantity quant menge anzahl qte quantite cant cantidad qta quantita qtd qtde quantidade aantal
    antal antall stk maara kpl ilosc mnozstvi menny mennyiseg db kolicina kol adet miktar jml kuantiti
    kogus kiekis skaits daudzums"""
)
"""Words that head the column of how many."""
