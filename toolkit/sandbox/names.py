"""Names of people, by the language they come with: many of them turn an SMS into UCS-2 when personalised."""

ENGLISH = (
    "Ava Liam Noah Emma Olivia Mason Sophia Ethan Mia Lucas Harper Amelia James Evelyn Henry Ella Jack Grace Leo"
    " Chloe Owen Lily Wyatt Nora Caleb Hazel Isaac Violet Julian Aurora Aaron Stella Hunter Lucy Connor Ruby"
    " Nathan Alice Ryan Clara",
    "Smith Johnson Brown Davis Miller Wilson Moore Taylor Anderson Thomas Jackson White Harris Martin Thompson"
    " Clark Lewis Robinson Walker Young Allen King Wright Scott Hill Green Adams Baker Nelson Carter Mitchell"
    " Roberts Turner Phillips Campbell Parker Evans Edwards Collins O'Neill",
)
SPANISH = (
    "Sofía Mateo Valentina Santiago Camila José Lucía Sebastián Martín Renata Ángel Inés Zoë Raúl Elena Andrés",
    "García Rodríguez Martínez Hernández López González Pérez Sánchez Ramírez Núñez Muñoz Peña Ibáñez Vargas Ríos",
)
FRENCH = (
    "Chloé Léa François Zoé Hélène Jérôme Anaïs Loïc Maëlle Théo Élodie Noël Gaëlle Benoît Inès Hugo",
    "Lefèvre Dubois Moreau Durand Leroy Bélanger Gagné Côté Tremblay Roussel Besançon Garçon Français Petit Roux",
)
GERMAN = (
    "Jürgen Käthe Sören Anja Björn Heike Günther Lena Jonas Mia Felix Hannah Åsa Lars Øyvind Freja",
    "Müller Schröder Weiß Köhler Jäger Schäfer Becker Wagner Lindqvist Sjöberg Åkesson Sørensen Krüger Vogel",
)
POLISH = (
    "Łukasz Małgorzata Paweł Agnieszka Michał Bożena Krzysztof Zofia Jiří Kateřina Tomáš Eliška Ayşe Çağla Şule",
    "Wójcik Kowalczyk Dąbrowski Żak Łukasiewicz Nowak Dvořák Novotný Černý Yılmaz Demirtaş Güneş Öztürk Šimek",
)
CHINESE = ("伟 芳 娜 秀英 敏 静 丽 强 磊 军 洋 勇 艳 杰 娟 涛", "王 李 张 刘 陈 杨 赵 黄 周 吴 徐 孙 胡 朱")
JAPANESE = ("さくら 翔太 美咲 大輔 陽菜 健太 結衣 拓海 葵 蓮", "佐藤 鈴木 高橋 田中 渡辺 伊藤 山本 中村 小林 加藤")
KOREAN = ("민준 서연 지훈 하은 도윤 지우 현우 수아 예준 유진", "김 이 박 최 정 강 조 윤 장 임")
ARABIC = ("محمد فاطمة أحمد مريم علي زينب يوسف ليلى خالد نور", "الأحمد حسن الخطيب منصور سعيد العلي حداد ناصر")
RUSSIAN = ("Анна Дмитрий Ольга Сергей Мария Иван Екатерина Алексей", "Иванов Смирнов Кузнецов Попов Соколов Лебедев")
HINDI = ("आरव दीया विवान अनाया अर्जुन ईशा रोहन मीरा", "शर्मा वर्मा गुप्ता सिंह पटेल मेहता नायर जोशी")
VIETNAMESE = ("Nguyệt Đức Hương Tuấn Phượng Quỳnh Hiếu Thảo", "Nguyễn Trần Lê Phạm Hoàng Đặng Bùi Vũ")

# How often each is heard, and whether the family name comes first without a space.
MIX = (
    (ENGLISH, 0.60, False),
    (SPANISH, 0.15, False),
    (FRENCH, 0.05, False),
    (GERMAN, 0.03, False),
    (POLISH, 0.04, False),
    (VIETNAMESE, 0.02, False),
    (CHINESE, 0.04, True),
    (KOREAN, 0.02, True),
    (JAPANESE, 0.01, True),
    (ARABIC, 0.015, False),
    (RUSSIAN, 0.015, False),
    (HINDI, 0.01, False),
)


def spell(given: str, family: str, *, family_first: bool) -> str:
    """Join a given and a family name as its language does."""
    return family + given if family_first else f"{given} {family}"
