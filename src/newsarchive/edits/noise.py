"""Lines that pages change by themselves: when they were updated, how many people read them, advertisements.

Only whole lines, heads ("Updated 10:45: ...") and bracketed ends of lines are told, never words within a sentence:
"three days ago" in prose is what the article says. The words are those of content systems in the larger languages of
news.
"""

from __future__ import annotations

import re
from typing import Final

from newsarchive.text import fold, fold_space

LONGEST: Final = 120
"""Characters; a longer line is prose. An advertisement may have `LONGEST_ADVERTISEMENT`."""
LONGEST_ADVERTISEMENT: Final = 250

# English, German, French, Spanish, Italian, Portuguese, Dutch, the Nordic languages, Polish, Czech, Turkish,
# Indonesian, Vietnamese, Russian, Ukrainian, Greek, Arabic, Korean; accents off.
_UPDATED_WORDS: Final = """
updated modified revised published posted aktualisiert aktualisierung veroffentlicht geandert actualise actualisee
publie publiee modifie modifiee actualizado actualizada actualizacion publicado publicada modificado aggiornato
aggiornata aggiornamento pubblicato pubblicata atualizado atualizada atualizacao bijgewerkt gewijzigd gepubliceerd
geplaatst uppdaterad uppdaterat publicerad opdateret udgivet offentliggjort oppdatert publisert paivitetty julkaistu
zaktualizowano aktualizacja opublikowano aktualizovano publikovano guncellendi guncelleme guncellenme yayinlanma
yayinlandi diperbarui diterbitkan dipublikasikan обновлено обновлен опубликовано изменено оновлено опубліковано
ενημερωθηκε δημοσιευτηκε تحديث نشر 수정 입력 업데이트
"""
_WEAK_WORDS: Final = "stand mis mise cap nhat dang update updates"
"""These tell an update where a number stands beside them, and something else where none does."""
_FILLER_WORDS: Final = """
last latest first on at in the of and to by this story article page a as le la les el los das der die den um am im vom
von zuletzt letzte letztes du de jour derniere dernier il ultima ultimo ultimas alle ore del della di dalle las o em e
om op laatst laatste door kl klo klockan senast sist ostatnia ostatnio godz posledni son tarihi pukul terakhir pada
lan cuoi luc ngay в на от дата последнее година οι στις اخر في الساعة تاريخ 최종 just now moments
ago vor hace fa ha y geleden sedan siden temu назад тому truoc once lalu yang sitten atras
"""
_UNIT_WORDS: Final = """
h min mins minute minutes minuten minuti minuto minutos minutter minuter minuut minuty minut minutu minuuttia dakika
menit phut минут минуты минуту хвилин hour hours hr hrs stunde stunden heure heures hora horas ora ore uur timer timmar
tunti tuntia godzin godziny godzine hodin saat jam gio час часа часов годин second seconds secs sec sekunden secondes
segundos secondi day days tag tage tagen jour jours dia dias giorno giorni dag dagen dage dager dagar dni gun hari день
дня дней днiв днів week weeks woche wochen semaine semaines semana semanas settimana settimane uke uger vecka veckor
"""
_DATE_WORDS: Final = """
am pm gmt utc bst est edt et cst cdt ct pst pdt pt mst cet cest eet msk ist jst kst wib uhr today yesterday heute
gestern aujourd hui hier hoy ayer oggi ieri hoje ontem vandaag gisteren idag igar dzisiaj wczoraj bugun dun
сегодня вчера hom nay qua nam thang thu monday tuesday wednesday thursday friday saturday sunday mon tue tues wed
thur thurs fri sat sun
montag dienstag mittwoch donnerstag freitag samstag sonntag lundi mardi mercredi jeudi vendredi samedi dimanche lunes
martes miercoles jueves viernes sabado domingo lunedi martedi mercoledi giovedi venerdi segunda terca quarta quinta
sexta feira maandag dinsdag woensdag donderdag vrijdag zaterdag zondag january february march april may june july august
september october november december jan feb mar apr jun jul aug sep sept oct nov dec januar februar marz mai juni juli
oktober dezember janvier fevrier mars avril juin juillet aout septembre octobre novembre decembre enero febrero marzo
abril mayo junio julio agosto septiembre octubre noviembre diciembre gennaio febbraio aprile maggio giugno luglio
settembre ottobre dicembre janeiro fevereiro marco maio junho julho setembro outubro novembro dezembro januari februari
maart mei augustus desember января февраля марта апреля мая июня июля августа сентября октября ноября декабря st nd
rd th
"""
UPDATED: Final = frozenset(_UPDATED_WORDS.split())
_WEAK: Final = frozenset(_WEAK_WORDS.split())
_VOCABULARY: Final = UPDATED | _WEAK | frozenset((_FILLER_WORDS + _UNIT_WORDS + _DATE_WORDS).split())
_WORDS = re.compile(r"[^\W\d_]+")
_UNIT: Final = rf"(?:{'|'.join(sorted(_UNIT_WORDS.split(), key=len, reverse=True))})"
_RELATIVE = re.compile(
    rf"(?:(?:about|over|ca\.?)\s+)?\d+\s*{_UNIT}\s+(?:ago|geleden|sedan|siden|temu|назад|тому|fa|truoc|lalu|yang lalu"
    rf"|once|sitten|atras)|(?:vor|hace|il y a|ha|for)\s+\d+\s*{_UNIT}(?:\s+(?:siden|atras))?|just now|moments ago"
)

_NUMBER = r"\(?\d[\d.,\s]*(?:k|m|tsd|mil|tys|тыс)?\+?\)?"
_COUNTED: Final = (
    r"(?:comments?|shares?|likes?|views?|reads?|reactions?|retweets?|replies|reply|kommentare?|aufrufe|commentaires?"
    r"|partages?|vues|comentarios?|compartidos?|visitas|commenti|commento|condivisioni|visualizzazioni|visualizacoes"
    r"|compartilhamentos|reacties|reactie|keer gelezen|kommentarer|delningar|delinger|komentarz[ye]?|udostepnien"
    r"|komentaru|yorum|paylasim|goruntulenme|komentar|binh luan|luot xem|luot chia se|комментари[йяев]+|просмотр[аов]*"
    r"|коментар[іiв]*|σχολια|تعليق(?:ات)?|件のコメント|コメント|条评论|評論|评论|阅读|댓글|조회수?)"
)
_READING: Final = (
    r"(?:reading time|read time|time to read|lesezeit|lesedauer|temps de lecture|tiempo de lectura|tempo di lettura|"
    r"tempo de leitura|leestijd|lastid|laestid|lesetid|lukuaika|czas czytania|okuma suresi|время чтения|読了時間)"
)
_COUNTER = re.compile(
    rf"(?:(?:{_NUMBER}\s*{_COUNTED}|{_COUNTED}\s*[:：]?\s*{_NUMBER}"
    rf"|{_READING}\s*[:：]?\s*(?:ca\.?|about|environ|circa)?\s*{_NUMBER}\s*[^\W\d_]*\.?"
    rf"|{_NUMBER}\s*[-–]?\s*min(?:ute)?s?\.?\s*(?:read|lesezeit|de lecture|de lectura|di lettura|de leitura|leestijd)"
    rf"|(?:live\s*[:•-]?\s*)?{_NUMBER}\s*(?:people|readers?|users?|viewers?|others?|personen|personnes|personas)?\s*"
    r"(?:are\s+)?(?:reading|watching|viewing|online|lesen|lisent|leyendo)(?:\s+(?:this|now|story|article|right))*"
    r"|(?:share|shares|comments?)\s*)[\s|·•,/]*)+"
)
_ADVERTISEMENT = re.compile(
    r"[\W_]*(?:advertisements?|advertorial|sponsored(?: content| post)?|promoted(?: content)?|paid (?:content|post)"
    r"|anzeige|werbung|publicite|contenu sponsorise|publicidad|contenido patrocinado|pubblicita|publicidade"
    r"|conteudo patrocinado|advertentie|annons|annonse|annonce|reklama?|реклама|iklan|quang cao|広告|광고|广告|廣告)"
    r"(?:[\W_]*|\s*[:：|].*)"
)
_EAST = re.compile(
    r"(?:(?:最終)?更新(?:日時?|時間)?|公開(?:日時?)?|发布(?:时间)?|發布(?:時間)?|更新于|最后更新|最後更新|입력|수정|최종수정"
    r"|อัปเดต(?:ล่าสุด)?(?:เมื่อ)?|เผยแพร่(?:เมื่อ)?)?[:：\s]*"
    r"[\d年月日時时分秒午前後上下:：/.\-\s()（）]*(?:更新|公開|发布|發布|配信|掲載)?"
)
_EAST_WORD = re.compile(r"更新|公開|发布|發布|配信|掲載|입력|수정|อัปเดต|เผยแพร่")
_EAST_AGO = re.compile(r"\d+\s*(?:秒|分|分钟|分鐘|時間|小时|小時|日|天|분|시간|일|นาที|ชั่วโมง|วัน)\s*(?:前|전|ที่แล้ว)")
_HEAD = re.compile(r"(.{1,60}?)(?:[:：]\s|\s[–—|-]\s)")
_CLOSING: Final = (")", "]", "）")
_END = re.compile(r"\s*[(\[（]([^()\[\]（）]{1,60})[)\]）]\s*$")


def is_noise(line: str) -> bool:
    """Whether a whole line is no part of what an article says.

    >>> [is_noise(line) for line in ("Updated 5 minutes ago", "1.2K shares", "Stand: 3. März, 10:45 Uhr")]
    [True, True, True]
    >>> [is_noise(line) for line in ("Updated to name the minister", "Three days ago he resigned.", "3 March 2019")]
    [False, False, False]
    """
    if len(line) > LONGEST_ADVERTISEMENT:
        return False
    folded = fold(fold_space(line)).strip()
    if not folded:
        return True
    if _ADVERTISEMENT.fullmatch(folded):
        return True
    if len(folded) > LONGEST:
        return False
    return _tells_update(folded) or _COUNTER.fullmatch(folded) is not None or _is_eastern(folded)


def _tells_update(folded: str) -> bool:
    """A time ago and nothing else, or nothing but words of time and of updating, with one of the latter."""
    if _RELATIVE.fullmatch(folded):
        return True
    first = _WORDS.search(folded)
    if first is None or first[0] not in _VOCABULARY:  # so it is with most lines: their other words are not looked at
        return False
    found = _WORDS.findall(folded)
    if not _VOCABULARY.issuperset(found):
        return False
    return not UPDATED.isdisjoint(found) or (not _WEAK.isdisjoint(found) and any(map(str.isdigit, folded)))


def _is_eastern(folded: str) -> bool:
    if folded.isascii():
        return False
    if _EAST_AGO.fullmatch(folded):
        return True
    return _EAST_WORD.search(folded) is not None and _EAST.fullmatch(folded) is not None


def bare(line: str) -> str:
    """A line without a head or a bracketed end that is noise; empty where all of it is.

    >>> bare("UPDATED 10:45 GMT: The minister has resigned (last updated 5 minutes ago)")
    'The minister has resigned'
    """
    if is_noise(line):
        return ""
    if (match := _HEAD.match(line)) and is_noise(match[1]):
        return bare(line[match.end() :])
    if line.rstrip().endswith(_CLOSING) and (match := _END.search(line)) and is_noise(match[1]):
        return bare(line[: match.start()])
    return line
