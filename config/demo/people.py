"""Invented people, places and payers; short lists that together look like a bank's customers."""

from dataclasses import dataclass

Names = tuple[tuple[str, ...], tuple[str, ...]]  # given names, family names

# Groups of names and how often each is drawn. Long, double and accented names are meant.
NAMES: dict[Names, float] = {
    (
        (
            "Anna", "Lukas", "Jürgen", "Käthe", "Sabine", "Thorsten", "Maximiliane-Charlotte",
            "Karl-Heinz", "Günther", "Antje", "Friederike", "Sören", "Ulrike", "Hans-Jörg",
            "Felix", "Marlene", "Wolfgang", "Birgit", "Jonas", "Hannelore",
        ),
        (
            "Müller", "Schmidt", "Großmann", "Köhler", "Weiß", "Schröder", "Jäger", "Böhm",
            "von Hohenfels-Lauterbach", "Leutheusser-Schnarrenberg", "Bauer", "Krüger", "Vogt",
            "zu Castell-Rüdenhausen", "Winkler", "Lindemann", "Pfeiffer", "Strauß", "Ziegler",
        ),
    ): 14,
    (
        ("Ayşe", "Mehmet", "Gülşen", "Emre", "Özlem", "Çağlar", "Zeynep", "İbrahim"),
        ("Yılmaz", "Şahin", "Öztürk", "Çelik", "Kılıç", "Aydoğan", "Demir", "Karabulut"),
    ): 4,
    (
        ("Małgorzata", "Paweł", "Łukasz", "Agnieszka", "Zbigniew", "Elżbieta", "Jakub"),
        ("Kowalczyk", "Wiśniewska", "Dąbrowski", "Źródłowski", "Brzęczyszczykiewicz", "Nowak"),
    ): 4,
    (
        ("Jiří", "Kateřina", "Ondřej", "Božena", "Ľubomír", "Štěpán"),
        ("Novák", "Dvořáková", "Černý", "Říha", "Šimůnek", "Hlaváčková"),
    ): 2,
    (
        ("José Antonio", "María del Carmen", "Íñigo", "Begoña", "Joaquín", "Lucía"),
        ("García Fernández", "Muñoz Ibáñez", "Núñez", "Rodríguez de la Fuente", "Peña Castro"),
    ): 3,
    (
        ("François", "Aurélie", "Jean-Baptiste", "Zoé", "Maëlle", "Benoît"),
        ("Lefèvre", "Dubois", "de la Rochefoucauld", "Garçon", "Benoît-Châtelain", "Moreau"),
    ): 2,
    (
        ("Giuseppe", "Chiara", "Niccolò", "Francesca", "Domenico", "Ilaria"),
        ("D'Angelo", "Esposito", "Colombo", "Bevilacqua", "Dell'Acqua", "Ferrari"),
    ): 2,
    (
        ("Ștefan", "Ioana", "Răzvan", "Mihăiță", "Andreea", "Zoltán", "Erzsébet", "Győző"),
        ("Popescu", "Țurcanu", "Brâncoveanu", "Szabó", "Kőműves", "Nagy-Horváth"),
    ): 2,
    (
        ("Søren", "Åsa", "Bjørn", "Mette", "Håkan", "Väinö", "Þórdís"),
        ("Sørensen", "Lindström", "Ødegård", "Hämäläinen", "Ångström", "Jónsdóttir", "Krogh"),
    ): 2,
    (
        ("Milica", "Dragan", "Željko", "Snežana", "Đorđe", "Nikola", "Oleksandra", "Dmytro"),
        ("Petrović", "Đukić", "Šarčević", "Jovanović", "Shevchenko", "Kovalenko", "Bondar"),
    ): 3,
    (
        ("Fatima", "Mohammed", "Nour", "Abdul Rahman", "Layla", "Yusuf", "Samira"),
        ("Al-Hashimi", "Haddad", "ben Youssef", "Rahmani", "El Amrani", "Khoury", "Nasser"),
    ): 3,
    (
        ("Chukwuemeka", "Adaeze", "Kwame", "Amina", "Oluwaseun", "Thandiwe"),
        ("Okonkwo", "Mensah", "Adeyemi-Balogun", "Diallo", "Nkosi", "Osei"),
    ): 2,
    (
        ("Priya", "Rajesh", "Ananya", "Sanjay", "Lakshmi", "Arjun"),
        ("Subramaniam", "Venkataraghavan", "Patel", "Chakraborty", "Iyer", "Singh"),
    ): 2,
    (
        ("Minh Anh", "Wei", "Thi Hoa", "Xiaoling", "Hiroshi", "Ji-woo"),
        ("Nguyen", "Zhang", "Tran", "Ouyang", "Nakamura", "Park"),
    ): 2,
    (
        ("João", "Conceição", "Nelson", "Inês", "Gonçalo", "Fátima"),
        ("Magalhães", "da Silva Guimarães", "Simões", "Araújo", "Vasconcelos", "Leitão"),
    ): 2,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """A town, its streets, and the shape of its country's account numbers.

    In `account`, 9 stands for a digit and A for a letter (SWIFT IBAN registry, domestic part).
    """

    country: str
    towns: tuple[str, ...]
    streets: tuple[str, ...]
    account: str
    number_first: bool = False


PLACES: dict[Place, float] = {
        Place(
            "DE",
            (
                "10437 Berlin", "20357 Hamburg", "50823 Köln", "79098 Freiburg im Breisgau",
                "90402 Nürnberg", "04109 Leipzig", "73525 Schwäbisch Gmünd", "37073 Göttingen",
                "48143 Münster", "24937 Flensburg",
            ),
            (
                "Lindenstraße", "Am Mühlbach", "Goethestraße", "Bahnhofstraße", "Kirchgasse",
                "Ernst-Thälmann-Straße", "Schillerplatz", "Rosenweg", "Alte Schönhauser Straße",
            ),
            "9" * 18,
        ): 16,
    Place("AT", ("1070 Wien", "8010 Graz", "5020 Salzburg"),
              ("Mariahilfer Straße", "Neubaugasse", "Türkenstraße"), "9" * 16): 3,
    Place("NL", ("1017 AB Amsterdam", "9712 HX Groningen", "3511 EP Utrecht"),
              ("Prinsengracht", "Oude Boteringestraat", "Vredenburg"), "AAAA" + "9" * 10): 2,
    Place("FR", ("69001 Lyon", "67000 Strasbourg", "75011 Paris"),
              ("rue de la République", "quai des Bateliers", "avenue Parmentier"),
              "9" * 23, number_first=True): 2,
    Place("PL", ("50-101 Wrocław", "31-042 Kraków", "80-831 Gdańsk"),
              ("ul. Świdnicka", "ul. Grodzka", "ul. Długa"), "9" * 24): 2,
    Place("ES", ("08001 Barcelona", "41001 Sevilla"),
              ("Calle de la Princesa", "Avenida de la Constitución"), "9" * 20): 2,
    Place("IT", ("20121 Milano", "40126 Bologna"),
              ("Via Garibaldi", "Via dell'Indipendenza"), "A" + "9" * 22): 2,
    Place("BE", ("9000 Gent", "1000 Bruxelles"),
              ("Korenmarkt", "rue Neuve"), "9" * 12): 1,
    Place("DK", ("8000 Aarhus C", "2200 København N"),
              ("Jægergårdsgade", "Nørrebrogade"), "9" * 14): 1,
}  # fmt: skip

EMPLOYERS = (
    "Hansa Logistik GmbH", "Brauerei Schönbräu-Kessler KG", "Stadtwerke Mühlheim AöR",
    "Nordlicht Windtechnik SE", "Bäckerei Öhlmann & Söhne OHG", "Rheinische Papierfabrik AG",
    "Klinikum Sankt Elisabeth gGmbH", "Meyer Sanitär- und Heizungsbau", "Autohaus Brandt GmbH",
    "TransEuropa Spedition GmbH & Co. KG", "Kita Sonnenschein e.V.", "Optik Fuchs & Partner",
    "Delta Precision Tools Ltd", "Van Dijk Bloemen B.V.", "Société Lyonnaise de Textile S.A.",
    "Kowal Meble sp. z o.o.", "Hotel Drei Mohren", "Landkreis Ostallgäu",
    "Alpina Dairy Products AG", "Gebäudereinigung Şimşek", "Universitätsbuchhandlung Weiß",
    "Elektro Pohl", "Baltic Shipyard AB", "Ingenieurbüro Krämer + Lang", "Fjord Seafood A/S",
    "Gärtnerei Immergrün", "Metallbau Zorn GmbH", "Pflegedienst Herz & Hand", "Taxi Özdemir",
    "Softwarehaus Quint Systems GmbH",
)  # fmt: skip

# What an applicant without work hands in instead of a payslip is a notice of one of these.
BENEFIT_OFFICES = ("Regional Employment Agency", "Federal Pension Fund", "Jobcenter Mitte")

BANKS = (
    "Sparkasse am Fluss", "Volksbank Hügelland eG", "Merkur Bank AG", "Nordbank",
    "Banque du Rhin", "Hanseatic Savings Bank", "Raiffeisenkasse Oberland", "Direkt24 Bank",
)  # fmt: skip

LENDER = "Countersign Credit Union"

MERCHANTS = (
    "KAUFHALLE WEST", "MARKTFRISCH CENTER", "SEPA DIRECT DEBIT STADTWERKE", "HAUSVERWALTUNG KLEIN",
    "CARD PAYMENT FEINKOST SUED", "REGIONALBAHN TICKET", "CASH WITHDRAWAL", "NORDSTERN INSURANCE",
    "MOBILE PHONE CONTRACT", "PHARMACY AM MARKT", "STANDING ORDER SAVINGS", "PARCEL SHOP ONLINE",
    "FUEL STATION A7", "KINDERGARTEN FEE", "GYM MEMBERSHIP", "BAKERY STEIN", "ONLINE TRANSFER",
    "BROADCASTING FEE", "FURNITURE OUTLET", "RESTAURANT BELLA NAPOLI", "DRUGSTORE FRIEDRICH",
)  # fmt: skip
