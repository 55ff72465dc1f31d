"""What the sample's made-up names are made of; it must not know who bears them."""

from __future__ import annotations

MARKS: tuple[tuple[str, str], ...] = (
    ("架空", "kakuu"),
    ("サンプル", "sample"),
    ("見本", "mihon"),
    ("例示", "reiji"),
    ("仮想", "kasou"),
)
"""How a Japanese company's name says that it does not exist; with the same in its domain."""

ENGLISH_MARKS = ("Example", "Sample", "Fictional", "Imaginary", "Placeholder")

WORDS: tuple[tuple[str, str], ...] = (
    ("あおぞら", "aozora"), ("みどりば", "midoriba"), ("こはく", "kohaku"), ("ゆうなぎ", "yuunagi"),
    ("つきかげ", "tsukikage"), ("はなび", "hanabi"), ("しらなみ", "shiranami"), ("ほしぞら", "hoshizora"),
    ("わかくさ", "wakakusa"), ("あさぎり", "asagiri"), ("なつめ", "natsume"), ("ひだまり", "hidamari"),
    ("かざぐるま", "kazaguruma"), ("くじら", "kujira"), ("ふくろう", "fukurou"), ("とびうお", "tobiuo"),
    ("らっこ", "rakko"), ("きつつき", "kitsutsuki"), ("やまねこ", "yamaneko"), ("あめんぼ", "amenbo"),
    ("ペンギン", "pengin"), ("アルパカ", "alpaca"), ("マンボウ", "manbou"), ("コアラ", "koala"),
    ("レモン", "lemon"), ("ミント", "mint"), ("どんぐり", "donguri"), ("たけのこ", "takenoko"),
)  # fmt: skip

ENGLISH_WORDS = ("Walrus", "Otter", "Teapot", "Pinecone", "Lantern", "Puffin", "Marble", "Thimble", "Cactus", "Kazoo")

TRADES: tuple[tuple[str, str, str, str], ...] = (
    ("システムズ", "systems", "Systems", "情報通信業"),
    ("ソフトウェア", "software", "Software", "情報通信業"),
    ("データ", "data", "Data", "情報通信業"),
    ("半導体", "semicon", "Semiconductors", "半導体製造業"),
    ("製作所", "works", "Works", "機械製造業"),
    ("精機", "seiki", "Precision", "機械製造業"),
    ("食品", "foods", "Foods", "食料品製造業"),
    ("化学", "chem", "Chemicals", "化学工業"),
    ("商事", "trading", "Trading", "卸売業"),
    ("百貨", "retail", "Retail", "小売業"),
    ("物流", "logi", "Logistics", "運輸業"),
    ("建設", "kensetsu", "Construction", "建設業"),
    ("不動産", "estate", "Estates", "不動産業"),
    ("医療機器", "medical", "Medical", "医療機器製造業"),
    ("教育", "edu", "Learning", "教育業"),
    ("旅行", "travel", "Travel", "宿泊・旅行業"),
)
"""A trade at a name's end in Japanese, in a domain, in English, and its industry."""

DEPARTMENTS = (
    "経理部", "情報システム部", "営業部", "人事部", "製造部", "法務部", "マーケティング部", "経営企画部",
    "総務部", "購買部", "品質保証部", "カスタマーサポート部", "物流部", "研究開発部",
)  # fmt: skip

TITLES = ("担当", "主任", "係長", "課長代理", "課長", "次長", "部長", "本部長")

FAMILY_NAMES = ("架空", "見本", "例示", "仮名", "試作", "例文", "雛形", "模擬", "想定", "仮想", "無名", "某野")
GIVEN_NAMES = ("一郎", "二郎", "花子", "太郎", "次子", "三郎", "桜子", "葉子", "海斗", "陽菜", "蓮太", "結子")
ENGLISH_GIVEN_NAMES = ("Alex", "Casey", "Jordan", "Morgan", "Riley", "Robin", "Sam", "Taylor")
ENGLISH_FAMILY_NAMES = ("Example", "Sample", "Fictional", "Placeholder", "Specimen", "Template")

SALES_OWNERS = ("営業 架空一", "営業 架空二", "営業 見本三", "営業 見本四", "営業 例示五", "営業 例示六")
CS_OWNERS = ("CS 仮名甲", "CS 仮名乙", "CS 雛形丙", "CS 雛形丁")
