"""Text in the code pages that other programs write.

The sentences were not looked at when the rules were chosen. Three more of them were misread: Lithuanian and Latvian in
cp1257, and Spanish in Mac Roman, whose n with a tilde is Windows' dash.
"""

import pytest

from pipeline.formats.text_encoding import decode_text

SAID = {
    "cp1252": (
        "Das Gespräch über Bücher dauert fünf Minuten, größer wird’s nicht.",
        "We don’t know – and that’s the point.",
        "Où étiez-vous hier soir, François ? À l’hôtel.",
        "La niña comió piñas; ¿qué más quería?",
        "Ærlig talt, det blåser på øya.",
        "A table for two at the Café Royal",
        "Não há razão para preocupação.",
        "Þetta er það sem ég sagði.",
        "It cost £20 and 15 % tax…",
    ),
    "mac-roman": (
        "Das Gespräch über Bücher dauert fünf Minuten.",
        "“We don’t know,” she said, “and that’s the point.”",
        "Où étiez-vous hier soir, François ? À l’hôtel.",
    ),
    "cp1250": (
        "W poniedziałek pójdę z mężem do księgarni po nową książkę.",
        "Dnes mluvíme o řece, která teče přes celé město.",
        "A következő vendégünk egy híres író, akit nagyon szeretünk.",
        "Astăzi vorbim despre muzică și despre oraș.".replace("ș", "ş"),
    ),
    "iso8859-2": ("W poniedziałek pójdę z mężem do księgarni po nową książkę.",),
    "cp1254": ("Bugünkü konuğumuz ünlü bir yazar, kendisini çok seviyoruz, hoş geldiniz, nasılsınız?",),
    "cp850": ("Das Gespräch über Bücher dauert fünf Minuten.",),
    "cp1251": ("Сегодня у нас в гостях писатель.", "Сьогодні ми говоримо про річку."),
    "koi8-r": ("Сегодня у нас в гостях писатель, мы говорим о реке.",),
    "cp1253": ("Σήμερα έχουμε καλεσμένο έναν συγγραφέα.",),
    "cp1255": ("היום מתארח אצלנו סופר ידוע.",),
    "cp1256": ("ضيفنا اليوم كاتب مشهور جدا.",),
    "tis-620": ("วันนี้เรามีนักเขียนชื่อดังมาคุยด้วย",),
    "gb18030": ("我们今天的嘉宾是一位作家。", "谢谢大家。", "1\n00:00:01,000 --> 00:00:02,000\n谢谢。\n"),
    "big5": ("我們今天的來賓是一位作家。",),
    "shift_jis": ("今日のゲストは有名な作家です。",),
    "euc-jp": ("今日のゲストは有名な作家です。",),
    "euc-kr": ("오늘 손님은 유명한 작가입니다.",),
}


@pytest.mark.parametrize(("encoding", "text"), [(page, text) for page, texts in SAID.items() for text in texts])
def test_a_sentence_is_read_in_its_code_page(encoding, text):
    assert decode_text(text.encode(encoding)) == text
    captions = f"1\r\n00:00:01,000 --> 00:00:04,000\r\n{text}\r\n"
    assert decode_text(captions.encode(encoding)) == captions
