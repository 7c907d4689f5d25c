//! Words of the administration: the list of users, and changes of many of them.

use crate::domain::bulk::{Change, Skipped};
use crate::domain::directory::State;

table! {
    /// Words of one part of the administration, in one language.
    UsersTexts {
        title: &'static str,
        search: &'static str,
        search_hint: &'static str,
        more_filters: &'static str,
        role: &'static str,
        state: &'static str,
        provider: &'static str,
        group: &'static str,
        groups: &'static str,
        two_factor: &'static str,
        two_factor_demanded: &'static str,
        demanded: &'static str,
        login_after: &'static str,
        login_before: &'static str,
        any: &'static str,
        yes: &'static str,
        no: &'static str,
        show: &'static str,
        clear: &'static str,
        state_word: fn(State) -> &'static str,
        person: &'static str,
        last_login: &'static str,
        never: &'static str,
        created: &'static str,
        count: fn(u64) -> String,
        count_at_least: fn(u64) -> String,
        nobody: &'static str,
        nobody_here: &'static str,
        bad_filter: &'static str,
        cut_short: &'static str,
        first: &'static str,
        previous: &'static str,
        next: &'static str,
        last: &'static str,
        pages: &'static str,
        select_one: fn(&str) -> String,
        select_all: &'static str,
        with_selected: &'static str,
        everybody_found: &'static str,
        go_on: &'static str,
        change_word: fn(&str) -> &'static str,
        choose_change: &'static str,
        value: &'static str,
        value_hint: &'static str,
        change_title: &'static str,
        change_done: fn(&Change) -> String,
        change_effect: fn(&Change) -> &'static str,
        about: fn(u64) -> String,
        about_at_least: fn(u64) -> String,
        about_more: fn(u64) -> String,
        protected: &'static str,
        nobody_chosen: &'static str,
        bad_change: &'static str,
        do_it: &'static str,
        back: &'static str,
        job_title: &'static str,
        job_running: &'static str,
        job_over: &'static str,
        job_done: fn(u64) -> String,
        job_nothing: &'static str,
        job_fault: fn(&str) -> String,
        job_lost: &'static str,
        skipped: fn(Skipped, u64) -> String,
        refresh: &'static str,
        create: &'static str,
        create_title: &'static str,
        create_intro: &'static str,
        password_made: &'static str,
        verified: &'static str,
        created_user: fn(&str) -> String,
        its_password: &'static str,
        once: &'static str,
        bad_role: &'static str,
        export: &'static str,
        import: &'static str,
        import_title: &'static str,
        import_intro: &'static str,
        import_choose: &'static str,
        import_file: &'static str,
        import_hint: &'static str,
        import_look: &'static str,
        import_planned: &'static str,
        import_again: &'static str,
        import_unreadable: &'static str,
        import_too_large: &'static str,
        import_line: &'static str,
        import_who: &'static str,
        import_what: &'static str,
        import_more: &'static str,
        import_new: &'static str,
        import_refused: fn(&str) -> String,
        import_count: fn(&str, u64) -> String,
    }
}

/// A number with its thousands set apart.
#[must_use]
pub fn grouped(number: u64, separator: char) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(separator);
        }
        text.push(digit);
    }
    text
}

pub(super) fn en(number: u64) -> String {
    grouped(number, ',')
}

pub(super) fn fr(number: u64) -> String {
    grouped(number, '\u{202f}')
}

fn accounts_en(number: u64) -> String {
    match number {
        1 => "1 account".to_owned(),
        more => format!("{} accounts", en(more)),
    }
}

fn accounts_fr(number: u64) -> String {
    match number {
        0 | 1 => format!("{number} compte"),
        more => format!("{} comptes", fr(more)),
    }
}

fn change_word_en(key: &str) -> &'static str {
    match key {
        "disable" => "Disable",
        "enable" => "Enable",
        "approve" => "Let in",
        "end_sessions" => "Sign out everywhere",
        "set_role" => "Give the role",
        "add_to_group" => "Put into the group",
        "remove_from_group" => "Take out of the group",
        "require_2fa" => "Require a second factor",
        "waive_2fa" => "Require a second factor no more",
        "delete" => "Delete",
        _ => "",
    }
}

fn change_word_fr(key: &str) -> &'static str {
    match key {
        "disable" => "Désactiver",
        "enable" => "Réactiver",
        "approve" => "Laisser entrer",
        "end_sessions" => "Déconnecter partout",
        "set_role" => "Donner le rôle",
        "add_to_group" => "Ajouter au groupe",
        "remove_from_group" => "Retirer du groupe",
        "require_2fa" => "Exiger un second facteur",
        "waive_2fa" => "Ne plus exiger de second facteur",
        "delete" => "Supprimer",
        _ => "",
    }
}

fn change_effect_en(change: &Change) -> &'static str {
    match change {
        Change::Disable => "They are signed out everywhere at once and cannot sign in. “Enable” undoes it.",
        Change::Enable => "They can sign in again. “Disable” undoes it.",
        Change::Approve => "Those who wait can sign in, and are told by mail. Others stay as they are.",
        Change::EndSessions => "They have to sign in again on every device. This cannot be undone, and need not be.",
        Change::SetRole(_) => "The role counts from their next request on. Giving the old role back undoes it.",
        Change::AddToGroup(_) => "Rules that ask for the group let them in. Taking them out undoes it.",
        Change::RemoveFromGroup(_) => {
            "Rules that ask for the group let them in no more, unless a provider says that they are in it. Putting them back undoes it."
        }
        Change::DemandSecondFactor => {
            "Whoever has none sets one up before anything else, at the next step they take; two_factor.grace gives them time. Nobody can take it away again. “Require a second factor no more” undoes it."
        }
        Change::WaiveSecondFactor => {
            "Whoever has none can go on without one, and the others can take theirs away, unless the settings require it. “Require a second factor” undoes it."
        }
        Change::Delete => {
            "They are signed out everywhere and cannot sign in. Unless accounts.keep_deleted is 0 they can be restored that long, with restore-user."
        }
    }
}

fn change_effect_fr(change: &Change) -> &'static str {
    match change {
        Change::Disable => {
            "Ces personnes sont déconnectées partout et ne peuvent plus se connecter. « Réactiver » l’annule."
        }
        Change::Enable => "Ces personnes peuvent de nouveau se connecter. « Désactiver » l’annule.",
        Change::Approve => {
            "Les personnes en attente peuvent se connecter et en sont averties. Les autres ne changent pas."
        }
        Change::EndSessions => "Ces personnes devront se reconnecter sur chaque appareil. Rien à annuler ensuite.",
        Change::SetRole(_) => "Le rôle compte dès la prochaine requête. Redonner l’ancien rôle l’annule.",
        Change::AddToGroup(_) => "Les règles qui demandent ce groupe les laissent passer. Les retirer l’annule.",
        Change::RemoveFromGroup(_) => {
            "Les règles qui demandent ce groupe ne les laissent plus passer, sauf si un fournisseur les y met. Les remettre l’annule."
        }
        Change::DemandSecondFactor => {
            "Qui n’en a pas en configure un avant toute autre chose, dès sa prochaine action\u{202f}; two_factor.grace lui laisse du temps. Personne ne peut plus le retirer. « Ne plus exiger de second facteur » l’annule."
        }
        Change::WaiveSecondFactor => {
            "Qui n’en a pas peut s’en passer, et les autres peuvent retirer le leur, sauf si les réglages l’exigent. « Exiger un second facteur » l’annule."
        }
        Change::Delete => {
            "Ces personnes sont déconnectées partout et ne peuvent plus se connecter. Sauf si accounts.keep_deleted vaut 0, leurs comptes restent récupérables pendant cette durée, avec restore-user."
        }
    }
}

fn change_done_en(change: &Change) -> String {
    let word = change_word_en(change.key());
    match change.value() {
        "" => word.to_owned(),
        value => format!("{word} {value}"),
    }
}

fn change_done_fr(change: &Change) -> String {
    let word = change_word_fr(change.key());
    match change.value() {
        "" => word.to_owned(),
        value => format!("{word} {value}"),
    }
}

fn skipped_en(why: Skipped, count: u64) -> String {
    let reason = match why {
        Skipped::Already => "nothing to change",
        Skipped::Own => "this is your own account",
        Skipped::LastAdmin => "the last administrator stays",
        Skipped::Gone => "no such account any more",
        Skipped::Refused => "refused",
    };
    format!("{} left as before, {reason}", accounts_en(count))
}

fn skipped_fr(why: Skipped, count: u64) -> String {
    let reason = match why {
        Skipped::Already => "rien à changer",
        Skipped::Own => "c’est votre propre compte",
        Skipped::LastAdmin => "le dernier administrateur reste",
        Skipped::Gone => "ce compte n’existe plus",
        Skipped::Refused => "refusé",
    };
    format!("{} sans changement, {reason}", accounts_fr(count))
}

/// English.
pub static EN: UsersTexts = UsersTexts {
    title: "Users",
    search: "Search",
    search_hint: "Any part of name, address or user name.",
    more_filters: "Filters",
    role: "Role",
    state: "State",
    provider: "Made by",
    group: "Group",
    groups: "Groups",
    two_factor: "Second factor",
    two_factor_demanded: "Second factor required by hand",
    demanded: "required",
    login_after: "Signed in on or after",
    login_before: "Not signed in since",
    any: "Any",
    yes: "Yes",
    no: "No",
    show: "Show",
    clear: "Show all",
    state_word: |state| match state {
        State::Active => "Active",
        State::Unverified => "Address not proved",
        State::Waiting => "Waits for approval",
        State::Disabled => "Disabled",
    },
    person: "Name",
    last_login: "Last sign-in",
    never: "Never",
    created: "Made",
    count: accounts_en,
    count_at_least: |number| format!("More than {} accounts", en(number)),
    nobody: "Nobody matches.",
    nobody_here: "Nobody matches on this page.",
    bad_filter: "One of the filters makes no sense, so it shows nobody.",
    cut_short: "Few accounts match, and not all were looked through yet. “Next” goes on.",
    first: "First",
    previous: "Previous",
    next: "Next",
    last: "Last",
    pages: "Pages",
    select_one: |who| format!("Select {who}"),
    select_all: "Select this page",
    with_selected: "With the selected",
    everybody_found: "All that match, also on other pages",
    go_on: "Go on",
    change_word: change_word_en,
    choose_change: "Choose",
    value: "Role or group",
    value_hint: "Only for roles and groups.",
    change_title: "Change many accounts",
    change_done: change_done_en,
    change_effect: change_effect_en,
    about: |number| format!("This is about {}.", accounts_en(number)),
    about_at_least: |number| format!("This is about more than {} accounts.", en(number)),
    about_more: |number| format!("and {} more", en(number)),
    protected: "Your own account and the last administrator are left as they are.",
    nobody_chosen: "Nobody is selected. Tick some accounts first, or choose all that match.",
    bad_change: "Choose what is to be done, and a role or group where one is needed.",
    do_it: "Do it now",
    back: "Back to the list",
    job_title: "Change of many accounts",
    job_running: "It goes on. You can leave this page; it does not stop.",
    job_over: "It is done.",
    job_done: |number| format!("{} changed", accounts_en(number)),
    job_nothing: "Nothing was changed.",
    job_fault: |reference| {
        format!(
            "It stopped early because of a fault ({reference}). What is counted above is done; do it again for the rest."
        )
    },
    job_lost: "Nothing is known of this change. If the server was restarted meanwhile, it stopped then; do it again for the rest.",
    skipped: skipped_en,
    refresh: "Look again",
    create: "New user",
    create_title: "New user",
    create_intro: "The account can be used at once. To let people choose their password themselves, invite them instead.",
    password_made: "Leave it empty and one is made. It is shown once.",
    verified: "The address counts as proved",
    created_user: |who| format!("The account of {who} is there."),
    its_password: "Its password:",
    once: "It is shown this once only. Pass it on in a safe way.",
    bad_role: "A role is USER, ADMIN, AUDITOR or another name of letters and digits.",
    export: "Export as CSV",
    import: "Import",
    import_title: "Users from a file",
    import_intro: "First this page says what would happen. Nothing changes before you agree.",
    import_choose: "Choose a file",
    import_file: "File",
    import_hint: "CSV or JSON as the export writes it, or the users of LibreChat as mongoexport does. At most 4 MB; the command line takes more.",
    import_look: "Say what would happen",
    import_planned: "This would happen. Passwords of accounts that are there stay, and nobody is deleted.",
    import_again: "Accounts were changed meanwhile, so nothing was done yet. This would happen now.",
    import_unreadable: "This file cannot be used.",
    import_too_large: "It is larger than 4 MB. Use librechat-auth import-users, or split it.",
    import_line: "Row",
    import_who: "Address",
    import_what: "What becomes of it",
    import_more: "There are more rows than are shown here.",
    import_new: "New account",
    import_refused: |why| format!("Refused, {why}"),
    import_count: |key, count| {
        format!(
            "{} {}",
            en(count),
            match key {
                "new" => "new",
                "changed" => "changed",
                "unchanged" => "as before",
                _ => "refused",
            }
        )
    },
};

/// French.
pub static FR: UsersTexts = UsersTexts {
    title: "Utilisateurs",
    search: "Rechercher",
    search_hint: "Une partie du nom, de l’adresse ou de l’identifiant.",
    more_filters: "Filtres",
    role: "Rôle",
    state: "État",
    provider: "Créé par",
    group: "Groupe",
    groups: "Groupes",
    two_factor: "Second facteur",
    two_factor_demanded: "Second facteur exigé à la main",
    demanded: "exigé",
    login_after: "Connexion depuis le",
    login_before: "Aucune connexion depuis le",
    any: "Tous",
    yes: "Oui",
    no: "Non",
    show: "Afficher",
    clear: "Tout afficher",
    state_word: |state| match state {
        State::Active => "Actif",
        State::Unverified => "Adresse non prouvée",
        State::Waiting => "En attente d’approbation",
        State::Disabled => "Désactivé",
    },
    person: "Nom",
    last_login: "Dernière connexion",
    never: "Jamais",
    created: "Créé",
    count: accounts_fr,
    count_at_least: |number| format!("Plus de {} comptes", fr(number)),
    nobody: "Personne ne correspond.",
    nobody_here: "Personne ne correspond sur cette page.",
    bad_filter: "Un des filtres n’a pas de sens, donc personne n’est affiché.",
    cut_short: "Peu de comptes correspondent, et tous n’ont pas encore été parcourus. « Suivant » continue.",
    first: "Début",
    previous: "Précédent",
    next: "Suivant",
    last: "Fin",
    pages: "Feuilleter",
    select_one: |who| format!("Choisir {who}"),
    select_all: "Choisir cette page",
    with_selected: "Pour les comptes choisis",
    everybody_found: "Tous ceux qui correspondent, aussi sur les autres pages",
    go_on: "Continuer",
    change_word: change_word_fr,
    choose_change: "Choisir",
    value: "Rôle ou groupe",
    value_hint: "Seulement pour les rôles et les groupes.",
    change_title: "Modifier plusieurs comptes",
    change_done: change_done_fr,
    change_effect: change_effect_fr,
    about: |number| format!("Il s’agit de {}.", accounts_fr(number)),
    about_at_least: |number| format!("Il s’agit de plus de {} comptes.", fr(number)),
    about_more: |number| format!("et {} autres", fr(number)),
    protected: "Votre propre compte et le dernier administrateur restent inchangés.",
    nobody_chosen: "Personne n’est choisi. Cochez d’abord des comptes, ou choisissez tous ceux qui correspondent.",
    bad_change: "Choisissez ce qu’il faut faire, avec un rôle ou un groupe s’il en faut un.",
    do_it: "Appliquer maintenant",
    back: "Retour à la liste",
    job_title: "Modification de plusieurs comptes",
    job_running: "Cela continue. Vous pouvez quitter cette page sans l’arrêter.",
    job_over: "C’est fait.",
    job_done: |number| format!("{} : modification faite", accounts_fr(number)).replace(" :", "\u{202f}:"),
    job_nothing: "Rien n’a été modifié.",
    job_fault: |reference| {
        format!(
            "Une erreur l’a interrompu ({reference}). Ce qui est compté plus haut est fait ; recommencez pour le reste."
        )
        .replace(" ;", "\u{202f};")
    },
    job_lost: "On ne sait rien de cette modification. Si le serveur a redémarré, elle s’est arrêtée là\u{202f}; recommencez pour le reste.",
    skipped: skipped_fr,
    refresh: "Regarder de nouveau",
    create: "Nouvel utilisateur",
    create_title: "Nouvel utilisateur",
    create_intro: "Le compte est utilisable aussitôt. Pour laisser choisir le mot de passe, envoyez plutôt une invitation.",
    password_made: "Laissez vide pour en créer un. Il s’affiche une seule fois.",
    verified: "L’adresse compte comme prouvée",
    created_user: |who| format!("Le compte de {who} est là."),
    its_password: "Son mot de passe\u{202f}:",
    once: "Il ne s’affiche que cette fois. Transmettez-le de façon sûre.",
    bad_role: "Un rôle est USER, ADMIN, AUDITOR ou un autre nom de lettres et de chiffres.",
    export: "Exporter en CSV",
    import: "Importer",
    import_title: "Utilisateurs depuis un fichier",
    import_intro: "Cette page dit d’abord ce qui se passerait. Rien ne change sans votre accord.",
    import_choose: "Choisir un fichier",
    import_file: "Fichier",
    import_hint: "CSV ou JSON comme l’export les écrit, ou les utilisateurs de LibreChat selon mongoexport. Au plus 4 Mo\u{202f}; la ligne de commande en prend davantage.",
    import_look: "Dire ce qui se passerait",
    import_planned: "Voici ce qui se passerait. Les mots de passe des comptes existants restent, et personne n’est supprimé.",
    import_again: "Des comptes ont changé entre-temps, donc rien n’a été fait. Voici ce qui se passerait maintenant.",
    import_unreadable: "Ce fichier est inutilisable.",
    import_too_large: "Il dépasse 4 Mo. Utilisez librechat-auth import-users, ou divisez-le.",
    import_line: "Ligne",
    import_who: "Adresse",
    import_what: "Ce qu’il en advient",
    import_more: "Il y a plus de lignes que celles affichées ici.",
    import_new: "Nouveau compte",
    import_refused: |why| format!("Refusé, {why}"),
    import_count: |key, count| {
        format!(
            "{} {}",
            fr(count),
            match key {
                "new" => "nouveaux",
                "changed" => "modifiés",
                "unchanged" => "inchangés",
                _ => "refusés",
            }
        )
    },
};

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn thousands_are_set_apart() {
        let written: Vec<_> = [0, 999, 1_000, 1_000_000].map(|n| grouped(n, ',')).into();
        assert_eq!(written, ["0", "999", "1,000", "1,000,000"]);
    }
}
