"""Predicts whether a film review is positive or negative."""

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import Pipeline
from sklearn.svm import LinearSVC

from bundle import Columns, Field
from training.data.csv_table import TABLE_SOURCES, sample_or_table
from training.data.dataset import Dataset
from training.data.split import by_label
from training.features.tfidf import TfidfWords
from training.fit_plan import Plan
from training.model import Model

ROWS = 3_000
FIELDS = (
    Field(
        name="movie_text",
        type="text",
        description="What somebody wrote about a film, in any language the model was trained on.",
        example="I hate this movie",
    ),
)

FILMS = "movie|film|picture|story|sequel|comedy|thriller|drama|remake"
PARTS = "plot|acting|script|ending|cast|music|pace|dialogue|camera work|direction"
NAMES = "Amélie|Das Boot|Señora|Ćiro|Ночь|the lead|the director|the writer"
# Words of negative reviews, then words of positive reviews.
ADJECTIVES = (
    "terrible|awful|boring|dull|bad|horrible|dreadful|stupid|tedious|clumsy|lifeless|worthless|weak|poor",
    "wonderful|great|thrilling|clever|good|superb|brilliant|charming|gripping|moving|lovely|perfect|fine",
)
VERBS = ("hate|dislike|loathe|regret|despise", "love|enjoy|adore|admire|treasure")
PAST = ("hated|disliked|loathed|regretted", "loved|enjoyed|adored|admired")
ADVICE = (
    "avoid it|a waste of time|save your money|I walked out|never again|I fell asleep",
    "see it twice|worth every minute|highly recommended|I cried and laughed|a masterpiece",
)
TEMPLATES = (
    "I {verb} this {film}|I {past} this {film}|I really {verb} the {part}|this {film} is {word}"
    "|what a {word} {film}|the {part} was {word} and the {part} {word}|not {opposite} at all"
    "|I did not {against} this {film}|{name} is {word} in this {film}|{advice}"
)
NEUTRAL = (
    "I saw this {film} on Sunday|it runs for two hours|the {part} is by {name}"
    "|it is a {film} about a family|we went with friends"
)


def read_sample() -> Dataset:
    """Generates reviews from templates with a fixed seed; one in twenty has the wrong label."""
    random = np.random.default_rng(0)
    positive = np.arange(ROWS) % 2
    texts = np.array([write_review(random, bool(label)) for label in positive], dtype=object)
    return Dataset(
        name=f"{ROWS:,} generated film reviews",
        columns={"movie_text": texts},
        target=np.where(random.random(ROWS) < 0.05, 1 - positive, positive),
    )


def write_review(random: np.random.Generator, is_positive: bool) -> str:
    """Returns a review of one to four sentences, at least one of which is positive or negative."""

    def choice(words: str) -> str:
        choices = words.split("|")
        return choices[random.integers(len(choices))]

    def sentence(template: str) -> str:
        filled = template.format(
            film=choice(FILMS),
            part=choice(PARTS),
            name=choice(NAMES),
            word=choice(ADJECTIVES[is_positive]),
            opposite=choice(ADJECTIVES[not is_positive]),
            verb=choice(VERBS[is_positive]),
            against=choice(VERBS[not is_positive]),
            past=choice(PAST[is_positive]),
            advice=choice(ADVICE[is_positive]),
        )
        return filled + choice(".|!| ...|")

    templates = [choice(TEMPLATES) for _ in range(random.integers(1, 3))]
    templates += [choice(NEUTRAL) for _ in range(random.integers(0, 3))]
    return " ".join(sentence(templates[index]) for index in random.permutation(len(templates)))


def pipeline(columns: Columns, plan: Plan) -> Pipeline:
    """Returns a linear support vector classifier on TF-IDF, its scores calibrated by cross-validation."""
    del columns
    folds = StratifiedKFold(5, shuffle=True, random_state=plan.seed)
    classifier = CalibratedClassifierCV(LinearSVC(random_state=plan.seed), cv=folds, ensemble=False)
    return Pipeline([("words", TfidfWords()), ("classify", classifier)])


MODEL = Model(
    task="binary",
    fields=FIELDS,
    labels=("Negative Review", "Positive Review"),
    read=sample_or_table(
        read_sample,
        fields=FIELDS,
        columns={"movie_text": "review"},
        target="sentiment",
        labels={"negative": 0, "positive": 1, "0": 0, "1": 1},
    ),
    data=TABLE_SOURCES,
    split=by_label,
    pipeline=pipeline,
)
