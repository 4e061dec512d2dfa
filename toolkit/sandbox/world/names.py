"""Names of people, by the language they come with: many of them turn an SMS into UCS-2 when personalised."""

from dataclasses import dataclass

_ENGLISH = (
    "Ava Liam Noah Emma Olivia Mason Sophia Ethan Mia Lucas Harper Amelia James Evelyn Henry Ella Jack Grace Leo"
    " Chloe Owen Lily Wyatt Nora Caleb Hazel Isaac Violet Julian Aurora Aaron Stella Hunter Lucy Connor Ruby"
    " Nathan Alice Ryan Clara",
    "Smith Johnson Brown Davis Miller Wilson Moore Taylor Anderson Thomas Jackson White Harris Martin Thompson"
    " Clark Lewis Robinson Walker Young Allen King Wright Scott Hill Green Adams Baker Nelson Carter Mitchell"
    " Roberts Turner Phillips Campbell Parker Evans Edwards Collins O'Neill",
)
_SPANISH = (
    "Sofía Mateo Valentina Santiago Camila José Lucía Sebastián Martín Renata Ángel Inés Zoë Raúl Elena Andrés",
    "García Rodríguez Martínez Hernández López González Pérez Sánchez Ramírez Núñez Muñoz Peña Ibáñez Vargas Ríos",
)
_FRENCH = (
    "Chloé Léa François Zoé Hélène Jérôme Anaïs Loïc Maëlle Théo Élodie Noël Gaëlle Benoît Inès Hugo",
    "Lefèvre Dubois Moreau Durand Leroy Bélanger Gagné Côté Tremblay Roussel Besançon Garçon Français Petit Roux",
)
_GERMAN = (
    "Jürgen Käthe Sören Anja Björn Heike Günther Lena Jonas Mia Felix Hannah Åsa Lars Øyvind Freja",
    "Müller Schröder Weiß Köhler Jäger Schäfer Becker Wagner Lindqvist Sjöberg Åkesson Sørensen Krüger Vogel",
)
_POLISH = (
    "Łukasz Małgorzata Paweł Agnieszka Michał Bożena Krzysztof Zofia Jiří Kateřina Tomáš Eliška Ayşe Çağla Şule",
    "Wójcik Kowalczyk Dąbrowski Żak Łukasiewicz Nowak Dvořák Novotný Černý Yılmaz Demirtaş Güneş Öztürk Šimek",
)
_CHINESE = ("伟 芳 娜 秀英 敏 静 丽 强 磊 军 洋 勇 艳 杰 娟 涛", "王 李 张 刘 陈 杨 赵 黄 周 吴 徐 孙 胡 朱")
_JAPANESE = ("さくら 翔太 美咲 大輔 陽菜 健太 結衣 拓海 葵 蓮", "佐藤 鈴木 高橋 田中 渡辺 伊藤 山本 中村 小林 加藤")
_KOREAN = ("민준 서연 지훈 하은 도윤 지우 현우 수아 예준 유진", "김 이 박 최 정 강 조 윤 장 임")
_ARABIC = ("محمد فاطمة أحمد مريم علي زينب يوسف ليلى خالد نور", "الأحمد حسن الخطيب منصور سعيد العلي حداد ناصر")
_RUSSIAN = ("Анна Дмитрий Ольга Сергей Мария Иван Екатерина Алексей", "Иванов Смирнов Кузнецов Попов Соколов Лебедев")
_HINDI = ("आरव दीया विवान अनाया अर्जुन ईशा रोहन मीरा", "शर्मा वर्मा गुप्ता सिंह पटेल मेहता नायर जोशी")
_VIETNAMESE = ("Nguyệt Đức Hương Tuấn Phượng Quỳnh Hiếu Thảo", "Nguyễn Trần Lê Phạm Hoàng Đặng Bùi Vũ")


@dataclass(frozen=True)
class Language:
    """The names of one language, their frequency, and whether the family name comes first, without a space."""

    share: float
    given: list[str]
    family: list[str]
    family_first: bool = False

    def spell(self, given: float, family: float) -> str:
        """Pick a given and a family name by two draws in [0, 1) and join them as the language does."""
        first = self.given[int(given * len(self.given))]
        last = self.family[int(family * len(self.family))]
        return last + first if self.family_first else f"{first} {last}"


def _language(share: float, names: tuple[str, str], *, family_first: bool = False) -> Language:
    return Language(share, names[0].split(), names[1].split(), family_first)


LANGUAGES = (
    _language(0.60, _ENGLISH),
    _language(0.15, _SPANISH),
    _language(0.05, _FRENCH),
    _language(0.03, _GERMAN),
    _language(0.04, _POLISH),
    _language(0.02, _VIETNAMESE),
    _language(0.04, _CHINESE, family_first=True),
    _language(0.02, _KOREAN, family_first=True),
    _language(0.01, _JAPANESE, family_first=True),
    _language(0.015, _ARABIC),
    _language(0.015, _RUSSIAN),
    _language(0.01, _HINDI),
)
