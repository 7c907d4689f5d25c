//! Words of the administration: audit.

use crate::domain::audit_chain::{Break, Whole};

table! {
    /// Words of one part of the administration, in one language.
    AuditTexts {
        title: &'static str,
        intro: &'static str,
        user: &'static str,
        user_hint: &'static str,
        actor: &'static str,
        actor_hint: &'static str,
        kind: &'static str,
        any_kind: &'static str,
        address: &'static str,
        reference: &'static str,
        since: &'static str,
        until: &'static str,
        time_hint: &'static str,
        search: &'static str,
        all: &'static str,
        timeline: fn(&str) -> String,
        happened: &'static str,
        at: &'static str,
        what: &'static str,
        account: &'static str,
        by: &'static str,
        from: &'static str,
        none: &'static str,
        themselves: &'static str,
        console: &'static str,
        erased: &'static str,
        unreadable: &'static str,
        older: &'static str,
        newest: &'static str,
        export: &'static str,
        export_hint: &'static str,
        export_csv: &'static str,
        export_jsonl: &'static str,
        wrong_person: &'static str,
        wrong_kind: &'static str,
        wrong_address: &'static str,
        wrong_reference: &'static str,
        wrong_time: &'static str,
        verify_title: &'static str,
        verify_intro: &'static str,
        verify: &'static str,
        kept: &'static str,
        kept_hint: &'static str,
        no_head: &'static str,
        back: &'static str,
        whole: fn(&Whole) -> String,
        cut: fn(i64) -> String,
        compared: fn(usize) -> String,
        too_old: fn(usize) -> String,
        not_compared: &'static str,
        touched: fn(&Break) -> String,
        head_now: &'static str,
        head_hint: &'static str,
    }
}

/// English.
pub static EN: AuditTexts = AuditTexts {
    title: "Audit log",
    intro: "Every sign-in and every refusal, every change of an account, and everything that is done here.",
    user: "Person",
    user_hint: "Email address or id: what happened to the account, and what its owner did.",
    actor: "Done by",
    actor_hint: "Email address, id, or “console”.",
    kind: "Kind",
    any_kind: "Every kind",
    address: "Address or network",
    reference: "Reference number",
    since: "From",
    until: "Before",
    time_hint: "Such as 7d, 2026-11-26 or 2026-11-26T15:00:00Z; times are in UTC.",
    search: "Search",
    all: "Show everything",
    timeline: |who| format!("Timeline of {who}"),
    happened: "What happened, the newest first",
    at: "When",
    what: "What",
    account: "Account",
    by: "By",
    from: "From",
    none: "The audit log has no such events.",
    themselves: "themselves",
    console: "the command line",
    erased: "erased",
    unreadable: "unreadable with the present keys",
    older: "Older",
    newest: "Newest",
    export: "Take it away",
    export_hint: "Everything that the search finds, oldest first. That you did is written down.",
    export_csv: "As CSV, for spreadsheets",
    export_jsonl: "As JSON lines, for programs",
    wrong_person: "Nobody has this address or id.",
    wrong_kind: "There is no such kind.",
    wrong_address: "This is no address and no network.",
    wrong_reference: "A number is eight letters and digits, such as K7QW-3M9P.",
    wrong_time: "This is no time.",
    verify_title: "Has anybody touched it?",
    verify_intro: "Each row is chained to the one before, and the newest is signed. Whoever changes, removes or adds one is found.",
    verify: "Verify the whole log",
    kept: "A head that you kept",
    kept_hint: "Optional: a line from a mail, a system log or the command line. It finds an older copy of the whole database.",
    no_head: "There is no head in what you entered.",
    back: "Back to the audit log",
    whole: |whole| {
        if whole.rows == 0 {
            "The audit log is empty, and nothing is missing.".to_owned()
        } else {
            format!(
                "Nobody has touched it: {} rows, from {} to {}.",
                whole.rows, whole.first, whole.last
            )
        }
    },
    cut: |first| format!("Rows before {first} are older than what is kept."),
    compared: |count| format!("Heads that you kept and that fit: {count}."),
    too_old: |count| format!("Heads that you kept and that are older than what is kept here: {count}."),
    not_compared: "An older copy of the whole database would pass as well: only a head that was kept elsewhere finds it.",
    touched: |broken| match broken {
        Break::NoHead => "Somebody touched it: there are rows, but no signed head.".to_owned(),
        Break::HeadForged => "Somebody touched it: the head is not signed with the keys of this server.".to_owned(),
        Break::AnchorForged => {
            "Somebody touched it: the old end is not signed with the keys of this server.".to_owned()
        }
        Break::Gone { first, last } => format!("Somebody touched it: rows {first} to {last} are gone."),
        Break::Altered { seq } => format!("Somebody touched it: row {seq} does not follow from the one before."),
        Break::Added { seq } => format!("Somebody touched it: row {seq} was put in behind the head."),
        Break::Rewritten { seq } => format!("Somebody touched it: the rows up to {seq} were written anew."),
        Break::RolledBack { kept, last } => {
            format!("This is an older copy: it ends with row {last}, and your head is of row {kept}.")
        }
        Break::OtherHistory { seq } => format!("Row {seq} is another one than your head speaks of."),
        Break::KeptForged { seq } => format!("Your head of row {seq} is not signed with the keys of this server."),
    },
    head_now: "The head of now",
    head_hint: "Keep this line elsewhere, to compare with later.",
};

/// French.
pub static FR: AuditTexts = AuditTexts {
    title: "Journal d’audit",
    intro: "Toutes les connexions et tous les refus, chaque modification d’un compte, et tout ce qui se fait ici.",
    user: "Personne",
    user_hint: "Adresse e-mail ou identifiant\u{202f}: ce qui est arrivé au compte, et ce que son propriétaire a fait.",
    actor: "Fait par",
    actor_hint: "Adresse e-mail, identifiant ou «\u{a0}console\u{a0}».",
    kind: "Nature",
    any_kind: "Toutes les natures",
    address: "Adresse IP ou réseau",
    reference: "Numéro de référence",
    since: "À partir de",
    until: "Avant",
    time_hint: "Par exemple 7d, 2026-11-26 ou 2026-11-26T15:00:00Z\u{202f}; les heures sont en UTC.",
    search: "Chercher",
    all: "Tout afficher",
    timeline: |who| format!("Chronologie de {who}"),
    happened: "Ce qui s’est passé, du plus récent au plus ancien",
    at: "Quand",
    what: "Quoi",
    account: "Compte",
    by: "Par",
    from: "Depuis",
    none: "Le journal ne contient rien de tel.",
    themselves: "la personne elle-même",
    console: "la ligne de commande",
    erased: "effacé",
    unreadable: "illisible avec les clés actuelles",
    older: "Plus anciens",
    newest: "Plus récents",
    export: "Emporter",
    export_hint: "Tout ce que la recherche trouve, du plus ancien au plus récent. L’export est lui-même consigné.",
    export_csv: "En CSV, pour tableurs",
    export_jsonl: "En lignes JSON, pour programmes",
    wrong_person: "Personne n’a cette adresse ni cet identifiant.",
    wrong_kind: "Cette nature n’existe pas.",
    wrong_address: "Ce n’est ni une adresse ni un réseau.",
    wrong_reference: "Un numéro compte huit lettres et chiffres, par exemple K7QW-3M9P.",
    wrong_time: "Ce n’est pas une heure.",
    verify_title: "Quelqu’un y a-t-il touché\u{202f}?",
    verify_intro: "Chaque ligne est enchaînée à la précédente, et la plus récente est signée. Toute ligne modifiée, retirée ou ajoutée \
                   se voit.",
    verify: "Vérifier tout le journal",
    kept: "Une tête que vous avez conservée",
    kept_hint: "Facultatif\u{202f}: une ligne tirée d’un e-mail, du journal système ou de la ligne de commande. Elle révèle une copie \
                ancienne de toute la base.",
    no_head: "Votre saisie ne contient aucune tête.",
    back: "Retour au journal d’audit",
    whole: |whole| {
        if whole.rows == 0 {
            "Le journal est vide, et rien ne manque.".to_owned()
        } else {
            format!(
                "Personne n’y a touché\u{202f}: {} lignes, de {} à {}.",
                whole.rows, whole.first, whole.last
            )
        }
    },
    cut: |first| format!("Les lignes avant {first} ont dépassé la durée de conservation."),
    compared: |count| format!("Têtes conservées qui concordent\u{202f}: {count}."),
    too_old: |count| format!("Têtes conservées plus anciennes que ce qui est gardé ici\u{202f}: {count}."),
    not_compared: "Une copie ancienne de toute la base passerait aussi\u{202f}: seule une tête conservée ailleurs la révèle.",
    touched: |broken| match broken {
        Break::NoHead => "Quelqu’un y a touché\u{202f}: il y a des lignes, mais aucune tête signée.".to_owned(),
        Break::HeadForged => {
            "Quelqu’un y a touché\u{202f}: la tête n’est pas signée avec les clés de ce serveur.".to_owned()
        }
        Break::AnchorForged => {
            "Quelqu’un y a touché\u{202f}: l’ancien bout n’est pas signé avec les clés de ce serveur.".to_owned()
        }
        Break::Gone { first, last } => {
            format!("Quelqu’un y a touché\u{202f}: les lignes {first} à {last} ont disparu.")
        }
        Break::Altered { seq } => {
            format!("Quelqu’un y a touché\u{202f}: la ligne {seq} ne découle pas de la précédente.")
        }
        Break::Added { seq } => format!("Quelqu’un y a touché\u{202f}: la ligne {seq} a été ajoutée après la tête."),
        Break::Rewritten { seq } => {
            format!("Quelqu’un y a touché\u{202f}: les lignes jusqu’à {seq} ont été réécrites.")
        }
        Break::RolledBack { kept, last } => {
            format!(
                "C’est une copie ancienne\u{202f}: elle finit à la ligne {last}, et votre tête est celle de la ligne {kept}."
            )
        }
        Break::OtherHistory { seq } => format!("La ligne {seq} n’est pas celle dont parle votre tête."),
        Break::KeptForged { seq } => {
            format!("Votre tête de la ligne {seq} n’est pas signée avec les clés de ce serveur.")
        }
    },
    head_now: "La tête actuelle",
    head_hint: "Conservez cette ligne ailleurs, pour comparer plus tard.",
};
