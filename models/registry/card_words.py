"""What every model card says in words, in Spanish and in English.

The headings are those of Mitchell and others 2019, "Model Cards for Model Reporting", in its order.
"""

from __future__ import annotations

from typing import Final

HEADINGS: Final = {
    "es": (
        "Qué es", "Para qué es", "De qué depende", "Cómo se mide", "Con qué se midió",
        "Con qué aprendió", "Cifras", "Personas a quienes afecta", "Límites y consejos",
    ),
    "en": (
        "Model details", "Intended use", "Factors", "Metrics", "Evaluation data",
        "Training data", "Quantitative analyses", "Ethical considerations: people affected",
        "Caveats and recommendations",
    ),
}  # fmt: skip

INTENDED: Final = {
    "es": """Ordena avisos de trabajo para personas del Perú que cuentan con sus palabras qué
saben hacer, y personas para cada aviso. Lo usan organizaciones que las acompañan; cada lista
lleva sus razones.

No es para decidir a quién se contrata, ni para juzgar, clasificar o descartar a una persona, ni
para otros países o idiomas. Una lista es una propuesta: la persona decide.""",
    "en": """Ranks job ads for people in Peru who say in their own words what they can do, and
people for each ad. Organisations that accompany them use it; every ranking comes with its
reasons.

It is not for deciding whom to hire, nor for judging, grading or discarding a person, nor for
other countries or languages. A ranking is a proposal: the person decides.""",
}

FACTORS: Final = {
    "es": """La calidad cambia con la manera de escribir (frases, mensajes de celular, faltas), el
idioma (castellano; del quechua y del aimara solo palabras sueltas), el oficio, la región y la
pobreza del distrito. Por eso las cifras de abajo van también por grupos. El sexo y la edad no
suman ni restan puntos; las formas femeninas y masculinas de un oficio se leen igual.""",
    "en": """Quality changes with the way of writing (sentences, phone messages, misspelling), the
language (Spanish; single words of Quechua and Aymara), the trade, the region and the poverty of
the district. So the figures below are also told by slice. Sex and age add and take no points;
feminine and masculine forms of a trade are read alike.""",
}

METRICS: Final = {
    "es": """nDCG@10: qué tan bueno es el orden de los primeros diez avisos, 1 es el mejor
posible. MAP: cuántas respuestas correctas van antes que las otras. El intervalo es del 95 %
(bootstrap por personas u ocupaciones). Cada definición: docs/evaluation.md del programa.""",
    "en": """nDCG@10: how good the order of the first ten ads is, 1 is the best there is. MAP: how
many right answers come before the others. Intervals are 95 % (bootstrap over people or
occupations). Every definition: docs/evaluation.md of the program.""",
}

AFFECTED: Final = {
    "es": """Quien busca trabajo puede perder una oportunidad si un aviso bueno queda abajo o
fuera, o perder tiempo y pasajes si uno malo queda arriba; lo sienten más quienes escriben poco,
con faltas o en otra lengua, y quienes viven lejos. Un aviso de fraude o trata puede dañar a una
persona: otro programa, el filtro de avisos, lo retiene y una persona lo revisa. Quien publica un
aviso depende de que se lea bien. Lo aprendido viene de los datos que se nombran arriba; la
versión no guarda textos de nadie. Cada persona ve por qué le sale un trabajo y puede corregir lo
que se leyó o borrarse.""",
    "en": """Who looks for work can lose a chance if a good ad stands low or is left out, or lose
time and fares if a bad one stands high; people who write little, misspell or use another language
feel it most, and those who live far away. An ad of fraud or trafficking can harm a person:
another part, the gate, holds it and a person reviews it. Who publishes an ad depends on its being
read rightly. What was learned comes from the data named above; the version keeps nobody's texts.
Everybody sees why a job is shown and can correct what was read or be erased.""",
}

CAVEATS: Final = {
    "es": """Los grupos con pocas personas dan cifras que cambian mucho: mire el intervalo. Lo
medido con personas inventadas no asegura lo mismo con personas reales: compare las listas y lo
que la gente hace con ellas antes de usar la versión para todos. El umbral vale solo con el
lector, el filtro y los vectores que se nombran arriba; el programa no usa la versión con otros.""",
    "en": """Slices of few people give figures that move much: look at the interval. What was
measured on invented people promises nothing of real ones: compare rankings, and what people do
with them, before the version is used for everybody. The threshold holds with the reader, gate and
vectors named above only; the program does not use the version with others.""",
}

LABELS: Final = {
    "es": {
        "title": "Ficha del modelo", "about": "Descripción", "created": "Registrado",
        "code": "Programa", "parent": "Viene de", "none": "ninguna", "licence": "Licencia",
        "base": "Codificador", "vectors": "Vectores", "ranker": "Ordenador", "reader": "Lector",
        "gate": "Filtro de avisos", "threshold": "Puntaje mínimo", "send": "Puntaje para avisar",
        "evidence": "Pesos", "file": "Dato", "recipe": "Receta", "unmeasured": "No se midió.",
        "nothing": "No se anotó.", "task": "Prueba", "metric": "Medida", "people": "Consultas",
        "value": "Valor", "interval": "Intervalo", "facet": "Grupo", "harm": "Daño",
        "total": "Casos", "goal": "Meta", "wanted": "Se quería", "met": "Se cumple",
        "yes": "sí", "no": "no", "split": "Parte de los datos", "system": "Sistema",
    },
    "en": {
        "title": "Model card", "about": "Description", "created": "Registered",
        "code": "Program", "parent": "Parent", "none": "none", "licence": "Licence",
        "base": "Encoder", "vectors": "Vectors", "ranker": "Ranker", "reader": "Reader",
        "gate": "Gate", "threshold": "Least score", "send": "Score worth a message",
        "evidence": "Weights", "file": "Data", "recipe": "Recipe", "unmeasured": "Not measured.",
        "nothing": "Not noted.", "task": "Task", "metric": "Metric", "people": "Queries",
        "value": "Value", "interval": "Interval", "facet": "Slice", "harm": "Harm",
        "total": "Cases", "goal": "Goal", "wanted": "Wanted", "met": "Met",
        "yes": "yes", "no": "no", "split": "Split of the data", "system": "System",
    },
}  # fmt: skip
