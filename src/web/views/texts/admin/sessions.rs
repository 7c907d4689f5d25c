//! Words of the administration: who is signed in where.

use super::users::{en, fr};

table! {
    /// Words of one part of the administration, in one language.
    SessionsTexts {
        title: &'static str,
        search: &'static str,
        search_hint: &'static str,
        address: &'static str,
        way: &'static str,
        device: &'static str,
        used_after: &'static str,
        used_before: &'static str,
        only_here: &'static str,
        here: &'static str,
        person: &'static str,
        from: &'static str,
        started: &'static str,
        used: &'static str,
        confirmed: &'static str,
        own: &'static str,
        none: &'static str,
        none_here: &'static str,
        bad_filter: &'static str,
        cut_short: &'static str,
        end: &'static str,
        end_everybody: &'static str,
        end_title: &'static str,
        end_effect: &'static str,
        own_ends: &'static str,
        own_stays: &'static str,
        none_chosen: &'static str,
        select_one: fn(&str, &str) -> String,
        count: fn(u64) -> String,
        count_at_least: fn(u64) -> String,
        about: fn(u64) -> String,
        about_at_least: fn(u64) -> String,
        ended: fn(u64) -> String,
        ending_title: &'static str,
        ending_about: fn(u64) -> String,
        ending_about_at_least: fn(u64) -> String,
        ending_so_far: fn(u64) -> String,
        ending_live: &'static str,
    }
}

fn sessions_en(number: u64) -> String {
    match number {
        1 => "1 session".to_owned(),
        more => format!("{} sessions", en(more)),
    }
}

fn sessions_fr(number: u64) -> String {
    match number {
        0 | 1 => format!("{number} session"),
        more => format!("{} sessions", fr(more)),
    }
}

/// English.
pub static EN: SessionsTexts = SessionsTexts {
    title: "Sessions",
    search: "Search",
    search_hint: "Parts of name, address or user name of whoever is signed in.",
    address: "Address or network",
    way: "Signed in with",
    device: "Device",
    used_after: "Used on or after",
    used_before: "Not used since",
    only_here: "Only who is here now",
    here: "Here now",
    person: "Who",
    from: "From",
    started: "Signed in",
    used: "Last used",
    confirmed: "Confirmed lately",
    own: "This is you",
    none: "No session matches.",
    none_here: "No session on this page matches.",
    bad_filter: "One of the filters makes no sense, so nothing is shown.",
    cut_short: "Few sessions match, and not all were looked through yet. “Next” goes on.",
    end: "End the selected",
    end_everybody: "Sign out everybody else",
    end_title: "End sessions",
    end_effect: "Whoever uses them has to sign in again. This cannot be undone, and need not be.",
    own_ends: "This is the session you are using: you will be signed out.",
    own_stays: "The session you are using goes on.",
    none_chosen: "No session is selected. Tick some first, or choose all that match.",
    select_one: |who, device| format!("Select {who}, {device}"),
    count: sessions_en,
    count_at_least: |number| format!("More than {} sessions", en(number)),
    about: |number| format!("This is about {}.", sessions_en(number)),
    about_at_least: |number| format!("This is about more than {} sessions.", en(number)),
    ended: |number| match number {
        0 => "No session was ended.".to_owned(),
        1 => "1 session was ended.".to_owned(),
        more => format!("{} sessions were ended.", en(more)),
    },
    ending_title: "End of sessions",
    ending_about: |number| format!("Ending {}.", sessions_en(number)),
    ending_about_at_least: |number| format!("Ending more than {} sessions.", en(number)),
    ending_so_far: |number| format!("{} done.", en(number)),
    ending_live: "This page keeps itself up to date.",
};

/// French.
pub static FR: SessionsTexts = SessionsTexts {
    title: "Sessions ouvertes",
    search: "Rechercher",
    search_hint: "Parties du nom, de l’adresse ou de l’identifiant de la personne connectée.",
    address: "Adresse ou réseau",
    way: "Connexion par",
    device: "Appareil",
    used_after: "Utilisée depuis le",
    used_before: "Inutilisée depuis le",
    only_here: "Seulement les personnes présentes",
    here: "Présents maintenant",
    person: "Qui",
    from: "Depuis",
    started: "Connexion",
    used: "Dernière activité",
    confirmed: "Confirmée récemment",
    own: "C’est vous",
    none: "Aucune session ne correspond.",
    none_here: "Aucune session de cette page ne correspond.",
    bad_filter: "Un des filtres n’a pas de sens\u{202f}: rien n’est affiché.",
    cut_short: "Peu de sessions correspondent et toutes n’ont pas été examinées. « Suivant » continue.",
    end: "Fermer la sélection",
    end_everybody: "Déconnecter tous les autres",
    end_title: "Fermer des sessions",
    end_effect: "Leurs utilisateurs devront se reconnecter. Rien à annuler ensuite.",
    own_ends: "C’est la session que vous utilisez\u{202f}: vous serez déconnecté.",
    own_stays: "La session que vous utilisez reste ouverte.",
    none_chosen: "Aucune session n’est sélectionnée. Cochez-en d’abord, ou choisissez toutes celles qui correspondent.",
    select_one: |who, device| format!("Sélectionner {who}, {device}"),
    count: sessions_fr,
    count_at_least: |number| format!("Plus de {} sessions", fr(number)),
    about: |number| format!("Cela concerne {}.", sessions_fr(number)),
    about_at_least: |number| format!("Cela concerne plus de {} sessions.", fr(number)),
    ended: |number| match number {
        0 => "Aucune session n’a été fermée.".to_owned(),
        1 => "1 session a été fermée.".to_owned(),
        more => format!("{} sessions ont été fermées.", fr(more)),
    },
    ending_title: "Fermeture de sessions",
    ending_about: |number| match number {
        0 | 1 => format!("Fermeture de {number} session."),
        more => format!("Fermeture de {} sessions.", fr(more)),
    },
    ending_about_at_least: |number| format!("Fermeture de plus de {} sessions.", fr(number)),
    ending_so_far: |number| match number {
        0 | 1 => format!("{number} fermée jusqu’ici."),
        more => format!("{} fermées jusqu’ici.", fr(more)),
    },
    ending_live: "Cette page se met à jour d’elle-même.",
};
