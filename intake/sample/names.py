"""Names for the sample brokerage: made up from common Lithuanian and Spanish given names, surnames and words."""

from __future__ import annotations

from dataclasses import dataclass

from intake.sample.dice import Dice

LITHUANIAN_MEN = (
    *("Jonas", "Mindaugas", "Žydrūnas", "Tomas", "Lukas", "Andrius", "Vytautas", "Povilas", "Marius", "Ąžuolas"),
    *("Dainius", "Kęstutis", "Šarūnas", "Rokas", "Giedrius", "Arūnas", "Karolis", "Ignas", "Saulius", "Deividas"),
    *("Gediminas", "Nerijus", "Vilius", "Edgaras", "Algirdas", "Ričardas", "Domantas", "Jokūbas"),
)
LITHUANIAN_WOMEN = (
    *("Ona", "Eglė", "Rūta", "Gintarė", "Ieva", "Simona", "Dalia", "Živilė", "Austėja", "Kristina"),
    *("Jurgita", "Lina", "Rasa", "Vaida", "Neringa", "Ugnė", "Miglė", "Sigita", "Birutė", "Ąžuolė"),
    *("Danutė", "Aistė", "Viktorija", "Greta", "Šarūnė", "Monika", "Inga", "Jolanta"),
)
LITHUANIAN_FAMILIES = (
    *("Balsys", "Butkus", "Čepulis", "Dagys", "Eidukas", "Gaidys", "Grybas", "Jankauskas", "Jonaitis", "Juškys"),
    *("Kairys", "Kalnietis", "Kazlauskas", "Krištaponis", "Kubilius", "Lapėnas", "Lukoševičius", "Mažeika"),
    *("Mikalauskas", "Navickas", "Norkus", "Paulauskas", "Petrauskas", "Pocius", "Rimkus", "Sakalauskas", "Savickas"),
    *("Stankevičius", "Stonkus", "Šatas", "Šimkus", "Tamošiūnas", "Urbonas", "Ūselis", "Vaitkus", "Vasiliauskas"),
    *("Vilkas", "Ylakis", "Zabiela", "Žemaitis", "Žiogas", "Žukauskas", "Ąžuolaitis", "Įgenis"),
)
SPANISH_MEN = (
    *("Javier", "José", "Andrés", "Íñigo", "Álvaro", "Sergio", "Martín", "Óscar", "Raúl", "Joaquín"),
    *("Adrián", "Tomás", "Nicolás", "Hugo", "Rubén", "Gonzalo"),
)
SPANISH_WOMEN = (
    *("Lucía", "Inés", "María", "Begoña", "Ángela", "Sofía", "Carmen", "Itziar", "Belén", "Rocío"),
    *("Noelia", "Paula", "Mónica", "Teresa", "Elena", "Nuria"),
)
SPANISH_FAMILIES = (
    *("Núñez", "Ibáñez", "García", "Peña", "Muñoz", "Yáñez", "Castaño", "Ortuño", "Gómez", "Pérez", "Martínez"),
    *("Sánchez", "Romero", "Álvarez", "Cano", "Delgado", "Ordóñez", "Vega", "Iglesias", "Quiñones", "Cabañas"),
    *("Serrano", "Luna", "Ávila", "Zamora", "Güell"),
)
FIRM_WORDS = (
    *("Vėtrungė", "Šilo krantas", "Trys ąžuolai", "Žalia stotis", "Nemuno kelias", "Baltas akmuo", "Pušų slėnis"),
    *("Rytų vėjas", "Aukso varpa", "Medaus namai", "Juodoji kalva", "Saulės takas", "Upės vingis", "Senas malūnas"),
    *("Miško broliai", "Dangaus skliautas", "Gintaro įlanka", "Plieno rankos", "Ledo gėlė", "Žvejų uostas"),
)
FIRM_TRADES = ("statyba", "transportas", "prekyba", "baldai", "logistika", "kepykla", "servisas", "nuoma", "ūkis", "")
SPANISH_FIRMS = ("Talleres", "Bodegas", "Panadería", "Construcciones", "Transportes", "Clínica", "Imprenta", "Viveros")


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """What somebody is called; a firm has only the whole name."""

    whole: str
    given: str = ""
    family: str = ""


def lithuanian(dice: Dice) -> Name:
    """A man, or a woman with the ending of her surname."""
    family = dice.one_of(LITHUANIAN_FAMILIES)
    if dice.chance(0.5):
        given = dice.one_of(LITHUANIAN_MEN)
    else:
        given, family = dice.one_of(LITHUANIAN_WOMEN), feminine(family, is_married=dice.chance(0.6))
    return Name(whole=f"{given} {family}", given=given, family=family)


def feminine(family: str, *, is_married: bool) -> str:
    """`Petrauskas` as `Petrauskienė` or `Petrauskaitė`."""
    endings = (("ius", "iūtė"), ("us", "utė"), ("as", "aitė"), ("is", "ytė"), ("ys", "ytė"), ("a", "aitė"))
    for ending, maiden in endings:
        if family.endswith(ending):
            stem = family.removesuffix(ending)
            return stem + ("ienė" if is_married else maiden)
    return family


def spanish(dice: Dice) -> Name:
    """With the surnames of father and mother."""
    given = dice.one_of(SPANISH_MEN if dice.chance(0.5) else SPANISH_WOMEN)
    family = f"{dice.one_of(SPANISH_FAMILIES)} {dice.one_of(SPANISH_FAMILIES)}"
    return Name(whole=f"{given} {family}", given=given, family=family)


def firm(dice: Dice, *, is_spanish: bool) -> Name:
    """A company; quotation marks as each country writes them."""
    if is_spanish:
        return Name(whole=f"{dice.one_of(SPANISH_FIRMS)} {dice.one_of(SPANISH_FAMILIES)}, S.L.")
    words = " ".join(part for part in (dice.one_of(FIRM_WORDS), dice.one_of(FIRM_TRADES)) if part)
    return Name(whole=f"{dice.weighted((('UAB', 6), ('MB', 3), ('AB', 1)))} „{words}“")
