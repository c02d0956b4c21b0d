"""Words of bylines: what stands before a name, beside it, or where a name would stand.

They are the wordings of content systems and newsrooms in the languages of the development pages and their neighbours;
no list is complete, and no rule rests on these words alone.
"""

from __future__ import annotations

import re
from typing import Final

LEAD_NOUNS: Final = (
    "written by", "reported by", "story by", "posted by", "published by", "article by", "text by", "words by",
    "text von",
    "author", "authors", "autor", "autora", "autorin", "autoren", "autores", "auteur", "auteurs", "auteure", "autore",
    "autori", "författare", "forfatter", "kirjoittaja", "schrijver", "szerző", "autoři", "tác giả", "penulis", "yazar",
    "автор", "авторы", "текст", "συντάκτης", "الكاتب", "المصدر", "کاتب", "נכתב", "लेखक", "ผู้เขียน",
    "作者", "著者", "撰文", "文",
    "记者", "記者", "글", "text", "texte", "texto", "testo", "tekst", "reporter", "foto", "bild", "theo", "source",
    "quelle",
    "fuente", "fonte", "bron", "kilde", "källa",
    "źródło", "kaynak", "источник", "джерело", "来源", "來源", "出典", "출처", "oleh",
)  # fmt: skip
"""What stands before a name and a colon."""
LEAD_WORDS: Final = (
    "written by", "reported by", "story by", "posted by", "published by", "article by", "text by", "words by",
    "text von",
    "by", "von", "vom", "par", "por", "di", "da", "av", "af", "door", "przez", "oleh", "yazan", "írta", "γράφει", "του",
    "της", "от", "автор", "بقلم", "كتب", "كتبت", "به قلم", "מאת", "द्वारा", "โดย", "bởi", "作者", "著者", "撰文",
)  # fmt: skip
"""What stands before a name and a space."""
LEADS_AND_PARTICLES: Final = frozenset({"von", "vom", "di", "da", "af", "av"})
"""Of these, the ones that names start with as well."""

ROLES: Final = frozenset({
    "correspondent", "reporter", "editor", "writer", "columnist", "journalist", "contributor", "producer", "chief",
    "bureau", "photographer", "analyst", "director", "head", "senior", "staff", "intern", "professor", "lecturer",
    "fellow", "researcher", "editors", "writers", "reporters", "videographer", "illustrator", "translator",
    "redakteur", "redakteurin", "korrespondent", "korrespondentin", "redaktionsleiter", "chefredakteur", "fotograf",
    "redaktor", "redakteure", "journalistin", "reporterin", "ressortleiter", "ressortleiterin",
    "volontar", "volontarin",
    "journaliste", "redacteur", "redactrice", "correspondant", "correspondante", "envoye", "photographe",
    "periodista", "redactor", "redactora", "corresponsal", "editora", "colaborador", "colaboradora", "jornalista",
    "correspondente", "giornalista", "redattore", "redattrice", "inviato", "inviata", "corrispondente",
    "verslaggever", "skribent", "kommentator", "toimittaja", "dziennikarz", "dziennikarka",
    "muhabir", "muhabiri", "editoru", "wartawan", "jurnalis", "корреспондент", "редактор", "журналист", "обозреватель",
    "кореспондент", "журналістка", "журналіст", "συντακτης", "δημοσιογραφος", "مراسل", "محرر", "מערכת",
})  # fmt: skip
NO_NAME: Final = frozenset({
    "published", "posted", "updated", "share", "tweet", "follow", "subscribe", "admin", "administrator", "editor",
    "staff", "author", "guest", "unknown", "null", "none", "undefined", "na", "user", "webmaster", "root",
    "newsdesk", "copyright", "read", "staffwriter", "more", "comment", "comments", "facebook", "twitter", "email",
    "print", "on", "by", "and", "minread", "wireservice", "web", "online", "advertisement", "anonymous", "redactie",
    "viewall", "seeall", "allposts", "moreposts", "profile", "biography", "home", "vp", "ceo", "cto", "cofounder",
    "founder", "writtenby", "gmail", "bluesky", "linkedin", "instagram", "mastodon", "threads", "youtube", "reddit",
    "whatsapp", "pinterest", "telegram", "rss", "googlescholar", "wikipedia", "orcid", "website", "bio", "fullbio",
    "login", "logout", "signin", "signout", "register", "menu", "search", "redaktion", "redaction", "redaccion",
    "redazione", "redacao", "redakcja", "redakce", "редакция", "редакція", "toimitus", "redaksi", "anmelden",
    "abmelden",
    "teilen", "folgen", "merken", "drucken", "mehr", "autoren", "partager", "suivre", "imprimer", "connexion",
    "compartir",
    "seguir", "condividi", "compartilhar", "dela", "del", "paylas", "поделиться", "войти", "ログイン", "ログアウト",
    "記事一覧",
    "登录", "登錄", "退出", "注册", "註冊", "分享", "编辑", "編輯", "编辑部", "編集部", "로그인", "구독", "관리자",
}) | {re.sub(r"\W", "", word) for word in (*LEAD_NOUNS, *LEAD_WORDS)}  # fmt: skip
PARTICLES: Final = frozenset({
    "de", "da", "do", "dos", "das", "del", "della", "di", "du", "la", "le", "van", "von", "der", "den", "ten", "ter",
    "zu", "zur", "vom", "af", "av", "el", "al", "bin", "bint", "ibn", "ben", "y", "e", "i", "op", "het", "st",
})  # fmt: skip
"""Small words within names."""
SUFFIXES: Final = frozenset({"jr", "sr", "ii", "iii", "iv"})
"""Parts of a name that a comma may stand before."""
DEGREES: Final = frozenset({
    "md", "phd", "esq", "dvm", "vmd", "dds", "dmd", "rn", "np", "bsn", "msn", "mba", "cpa", "cfa", "cfp", "jd", "llm",
    "ma", "ms", "msc", "ba", "bs", "bsc", "mph", "lcsw", "pharmd", "psyd", "edd", "rd", "rdn", "ldn", "cscs", "dpt",
    "facp", "facs", "faad", "dacvb", "cpt", "lmft", "lpc", "mfa", "med", "ccc", "lvt", "aprn", "frcp", "obe", "cbe",
    "mbe",
})  # fmt: skip
"""Keys of what stands behind a name without being one."""
NO_FIRST: Final = frozenset({"published", "posted", "updated", "share", "follow", "copyright"})
