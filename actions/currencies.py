"""The currencies that Stripe charges in.

Codes, and the rules for their minor units: https://docs.stripe.com/currencies (presentment currencies;
zero-decimal, three-decimal, special cases). Names are ISO 4217's.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Currency:
    """`symbol` is empty where the code is what people write; `digits` are those Stripe's API counts in."""

    code: str
    name: str
    symbol: str = ""
    digits: int = 2


# The amount is the number of units; there is no smaller one.
ZERO_DECIMAL = frozenset(
    {"bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf"}
)
# Thousandths, whose last digit has to be 0.
THREE_DECIMAL = frozenset({"bhd", "jod", "kwd", "omr", "tnd"})
# Sent to Stripe in hundredths, although only whole units exist: the two digits have to be 00.
WHOLE_IN_HUNDREDTHS = frozenset({"isk", "ugx"})

# A symbol is listed only if it means this one currency, or does so everywhere but abroad.
_TABLE = """
aed UAE dirham|afn Afghani|all Lek|amd Armenian dram|ang Netherlands Antillean guilder|aoa Kwanza
ars Argentine peso|aud Australian dollar=A$|awg Aruban florin|azn Azerbaijan manat
bam Convertible mark|bbd Barbados dollar|bdt Taka|bgn Bulgarian lev|bhd Bahraini dinar|bif Burundi franc
bmd Bermudian dollar|bnd Brunei dollar|bob Boliviano|brl Brazilian real=R$|bsd Bahamian dollar|bwp Pula
byn Belarusian ruble|bzd Belize dollar
cad Canadian dollar=CA$|cdf Congolese franc|chf Swiss franc|clp Chilean peso|cny Yuan renminbi=CN¥
cop Colombian peso|crc Costa Rican colon|cve Cabo Verde escudo|czk Czech koruna
djf Djibouti franc|dkk Danish krone|dop Dominican peso|dzd Algerian dinar
egp Egyptian pound|etb Ethiopian birr|eur Euro=€
fjd Fiji dollar|fkp Falkland Islands pound
gbp Pound sterling=£|gel Lari|gip Gibraltar pound|gmd Dalasi|gnf Guinean franc|gtq Quetzal|gyd Guyana dollar
hkd Hong Kong dollar=HK$|hnl Lempira|htg Gourde|huf Forint
idr Rupiah|ils New Israeli sheqel=₪|inr Indian rupee=₹|isk Iceland krona
jmd Jamaican dollar|jod Jordanian dinar|jpy Yen=¥
kes Kenyan shilling|kgs Som|khr Riel|kmf Comorian franc|krw Won=₩|kwd Kuwaiti dinar
kyd Cayman Islands dollar|kzt Tenge
lak Lao kip|lbp Lebanese pound|lkr Sri Lanka rupee|lrd Liberian dollar|lsl Loti
mad Moroccan dirham|mdl Moldovan leu|mga Malagasy ariary|mkd Denar|mmk Kyat|mnt Tugrik|mop Pataca
mur Mauritius rupee|mvr Rufiyaa|mwk Malawi kwacha|mxn Mexican peso=MX$
myr Malaysian ringgit|mzn Mozambique metical
nad Namibia dollar|ngn Naira|nio Cordoba oro|nok Norwegian krone|npr Nepalese rupee|nzd New Zealand dollar=NZ$
omr Rial Omani
pab Balboa|pen Sol|pgk Kina|php Philippine peso=₱|pkr Pakistan rupee|pln Zloty|pyg Guarani
qar Qatari rial
ron Romanian leu|rsd Serbian dinar|rub Russian ruble|rwf Rwanda franc
sar Saudi riyal|sbd Solomon Islands dollar|scr Seychelles rupee|sek Swedish krona|sgd Singapore dollar
shp Saint Helena pound|sle Leone|sos Somali shilling|srd Surinam dollar|std Dobra (std)|szl Lilangeni
thb Baht|tjs Somoni|tnd Tunisian dinar|top Pa'anga|try Turkish lira|ttd Trinidad and Tobago dollar
twd New Taiwan dollar=NT$|tzs Tanzanian shilling
uah Hryvnia|ugx Uganda shilling|usd US dollar=$|uyu Peso uruguayo|uzs Uzbekistan sum
vnd Dong=₫|vuv Vatu
wst Tala
xaf CFA franc BEAC|xcd East Caribbean dollar|xcg Caribbean guilder|xof CFA franc BCEAO|xpf CFP franc
yer Yemeni rial
zar Rand|zmw Zambian kwacha
"""


def _digits(code: str) -> int:
    if code in ZERO_DECIMAL:
        return 0
    return 3 if code in THREE_DECIMAL else 2


def _currency(entry: str) -> Currency:
    code, rest = entry.split(" ", 1)
    name, _, symbol = rest.partition("=")
    return Currency(code, name, symbol, _digits(code))


# Lower-case code → currency, in the order of the codes.
CURRENCIES: dict[str, Currency] = {
    entry[:3]: _currency(entry) for line in _TABLE.split("\n") for entry in line.split("|") if entry
}
