//! French.

use super::{Wording, Words, nothing, parts};

const MONTHS: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];

/// All words in French.
pub static WORDS: Words = Words {
    hello: "Bonjour,",
    hello_to: |name| format!("Bonjour {name},"),
    footer: |site| format!("{site} a envoyé ce message automatiquement. Personne ne lira votre réponse."),
    colon: "\u{202f}:",
    link_below: "Si le bouton ne fonctionne pas, copiez cette adresse dans votre navigateur\u{202f}:",
    works_once: |minutes| format!("Le lien est valable une seule fois, pendant {minutes} minutes."),
    works_until: |moment| format!("Le lien est valable jusqu’au {moment}."),
    moment: |at| {
        let (day, month, year, hour, minute) = parts(at);
        let ordinal = if day == 1 { "er" } else { "" };
        format!(
            "{day}{ordinal} {} {year} à {hour:02}:{minute:02} UTC",
            MONTHS[month - 1]
        )
    },

    when: "Quand",
    device: "Appareil",
    provider: "Fournisseur",
    address: "Adresse réseau",
    name: "Nom",
    email: "Adresse e-mail",
    until: "Jusqu’au",
    device_on: |browser, system| format!("{browser} sur {system}"),
    unknown_device: "Appareil inconnu",
    not_me: "Ce n’était pas moi",
    not_me_note: |days| {
        format!(
            "Si c’était vous, il n’y a rien à faire. Sinon, utilisez le bouton\u{202f}: il ferme toutes les sessions de votre \
             compte et demande un nouveau mot de passe. Il est valable une seule fois, pendant {days} jours."
        )
    },
    forgotten: "Mot de passe oublié\u{202f}? Choisissez-en un nouveau",

    verify: Wording {
        subject: |_| "Confirmez votre adresse e-mail".to_owned(),
        text: |site, _| format!("Bienvenue sur {site}. Veuillez confirmer que cette adresse e-mail est la vôtre."),
        button: "Confirmer cette adresse",
        note: |site| {
            format!("Si vous n’avez pas créé de compte sur {site}, ignorez ce message\u{202f}: il ne se passera rien.")
        },
    },
    reset: Wording {
        subject: |_| "Réinitialisation de votre mot de passe".to_owned(),
        text: |site, _| {
            format!("Quelqu’un, sans doute vous, a demandé un nouveau mot de passe pour votre compte sur {site}.")
        },
        button: "Choisir un nouveau mot de passe",
        note: |_| "Si ce n’était pas vous, ignorez ce message\u{202f}: votre mot de passe ne change pas.".to_owned(),
    },
    reset_by_admin: Wording {
        subject: |_| "Choisissez un nouveau mot de passe".to_owned(),
        text: |site, _| {
            format!(
                "Un administrateur de {site} vous envoie ce lien. Il vous permet de choisir un nouveau mot de passe pour votre \
                 compte."
            )
        },
        button: "Choisir un nouveau mot de passe",
        note: |_| {
            "Il sert une seule fois. Si vous n’avez pas demandé d’aide, vous pouvez ignorer ce message\u{202f}: votre mot de \
             passe ne change pas."
                .to_owned()
        },
    },
    was_reset: Wording {
        subject: |_| "Votre mot de passe a été réinitialisé".to_owned(),
        text: |site, _| {
            format!(
                "Votre compte sur {site} a un nouveau mot de passe. Il a été défini avec un lien de réinitialisation, et \
                 toutes les sessions ont été fermées."
            )
        },
        button: "",
        note: nothing,
    },
    has_account: Wording {
        subject: |_| "Vous avez déjà un compte".to_owned(),
        text: |site, _| {
            format!(
                "Quelqu’un, sans doute vous, a essayé de créer un compte sur {site} avec cette adresse e-mail. Il y en a \
                 déjà un, donc aucun autre n’a été créé. Vous pouvez simplement vous connecter."
            )
        },
        button: "Se connecter",
        note: |_| {
            "Si ce n’était pas vous, ignorez ce message\u{202f}: la personne qui a essayé n’a rien appris.".to_owned()
        },
    },
    invitation: Wording {
        subject: |site| format!("Invitation à rejoindre {site}"),
        text: |site, _| format!("Vous êtes invité à rejoindre {site}."),
        button: "Créer votre compte",
        note: |_| "Si vous ne savez pas de quoi il s’agit, ignorez ce message.".to_owned(),
    },
    invitation_from: Wording {
        subject: |site| format!("Invitation à rejoindre {site}"),
        text: |site, who| format!("{who} vous invite à rejoindre {site}."),
        button: "Créer votre compte",
        note: |_| "Si vous ne savez pas de quoi il s’agit, ignorez ce message.".to_owned(),
    },
    waiting: Wording {
        subject: |_| "Votre compte attend une approbation".to_owned(),
        text: |site, _| {
            format!(
                "Votre compte sur {site} a été créé. Une personne qui gère le site doit encore vous laisser entrer\u{202f}; \
                 vous recevrez un message dès que ce sera fait."
            )
        },
        button: "",
        note: nothing,
    },
    wanted: Wording {
        subject: |site| format!("Quelqu’un attend de rejoindre {site}"),
        text: |site, _| format!("Quelqu’un a créé un compte sur {site} et attend l’approbation d’un administrateur."),
        button: "",
        note: |_| "Vous recevez ce message parce que vous êtes administrateur.".to_owned(),
    },
    approved: Wording {
        subject: |site| format!("Bienvenue sur {site}"),
        text: |site, _| format!("Votre compte sur {site} a été approuvé. Vous pouvez maintenant vous connecter."),
        button: "Se connecter",
        note: nothing,
    },
    rejected: Wording {
        subject: |_| "Votre compte n’a pas été approuvé".to_owned(),
        text: |site, _| {
            format!(
                "Les personnes qui gèrent {site} n’ont pas approuvé votre compte\u{202f}: il ne permet pas de se connecter."
            )
        },
        button: "",
        note: |_| "Si vous pensez que c’est une erreur, adressez-vous à elles.".to_owned(),
    },
    leave: Wording {
        subject: |_| "Confirmez le changement de votre adresse e-mail".to_owned(),
        text: |site, new| {
            format!(
                "Quelqu’un qui est connecté à votre compte sur {site} veut remplacer cette adresse e-mail par {new}. \
                 Veuillez confirmer que c’était vous. Un message à la nouvelle adresse demande la même chose."
            )
        },
        button: "Confirmer le changement",
        note: |_| "Si ce n’était pas vous, ne confirmez pas, et changez de mot de passe.".to_owned(),
    },
    join: Wording {
        subject: |_| "Confirmez votre nouvelle adresse e-mail".to_owned(),
        text: |site, _| {
            format!(
                "Cette adresse e-mail doit devenir celle d’un compte sur {site}. Veuillez confirmer que c’est la vôtre."
            )
        },
        button: "Confirmer cette adresse",
        note: |_| "Si vous n’avez rien demandé, ignorez ce message\u{202f}: il ne se passera rien.".to_owned(),
    },
    address_changed: Wording {
        subject: |_| "Votre adresse e-mail a été modifiée".to_owned(),
        text: |site, new| {
            format!(
                "L’adresse e-mail de votre compte sur {site} est maintenant {new}. Les messages y arriveront désormais."
            )
        },
        button: "",
        note: |site| format!("Si ce n’était pas vous, prévenez tout de suite les personnes qui gèrent {site}."),
    },
    new_device: Wording {
        subject: |_| "Nouvelle connexion à votre compte".to_owned(),
        text: |site, _| {
            format!("Quelqu’un s’est connecté à votre compte sur {site} avec un appareil que nous ne connaissions pas.")
        },
        button: "",
        note: nothing,
    },
    changed: Wording {
        subject: |_| "Votre mot de passe a été modifié".to_owned(),
        text: |site, _| format!("Le mot de passe de votre compte sur {site} a été modifié."),
        button: "",
        note: nothing,
    },
    factor_on: Wording {
        subject: |_| "La double authentification est activée".to_owned(),
        text: |site, _| {
            format!("Désormais, la connexion à votre compte sur {site} demande aussi un code de votre application.")
        },
        button: "",
        note: nothing,
    },
    factor_off: Wording {
        subject: |_| "La double authentification est désactivée".to_owned(),
        text: |site, _| {
            format!("La connexion à votre compte sur {site} ne demande plus de code, seulement le mot de passe.")
        },
        button: "",
        note: nothing,
    },
    codes: Wording {
        subject: |_| "Nouveaux codes de secours".to_owned(),
        text: |site, _| {
            format!(
                "De nouveaux codes de secours ont été créés pour votre compte sur {site}. Les anciens ne valent plus rien."
            )
        },
        button: "",
        note: nothing,
    },
    connected: Wording {
        subject: |_| "Une façon de se connecter a été associée".to_owned(),
        text: |site, _| format!("Désormais, la connexion chez ce fournisseur ouvre votre compte sur {site}."),
        button: "",
        note: nothing,
    },
    disconnected: Wording {
        subject: |_| "Une façon de se connecter a été dissociée".to_owned(),
        text: |site, _| {
            format!(
                "La connexion chez ce fournisseur n’ouvre plus votre compte sur {site}. Les autres sessions ont été fermées."
            )
        },
        button: "",
        note: nothing,
    },
    recovered: Wording {
        subject: |_| "Un compte a été récupéré".to_owned(),
        text: |site, who| format!("Sur {site}, un administrateur a rendu au compte {who} un moyen de se connecter."),
        button: "",
        note: |_| "Vous recevez ce message parce que vous êtes aussi administrateur.".to_owned(),
    },
    recovered_by_console: Wording {
        subject: |_| "Un compte a été récupéré".to_owned(),
        text: |site, who| {
            format!(
                "Sur {site}, un moyen de se connecter a été rendu au compte {who} en ligne de commande, sur le serveur."
            )
        },
        button: "",
        note: |_| {
            "Vous recevez ce message parce que vous êtes aussi administrateur. Si personne de votre connaissance ne l’a fait, \
             examinez le serveur."
                .to_owned()
        },
    },
    audit_head: Wording {
        subject: |site| format!("Journal d’audit de {site}"),
        text: |_, _| {
            "Voici la tête signée du journal d’audit. Conservez ce message\u{202f}: grâce à lui, `librechat-auth audit verify \
             --head FILE` révèle si quelqu’un a modifié ou tronqué le journal depuis."
                .to_owned()
        },
        button: "",
        note: |_| "Vous recevez ce message parce que vous administrez ce serveur.".to_owned(),
    },
    access_ends: Wording {
        subject: |site| format!("Votre accès à {site} prendra fin"),
        text: |site, _| {
            format!(
                "Votre compte sur {site} a été ouvert pour une durée limitée. Passé ce moment, personne ne peut plus s’y \
                 connecter, et toutes les sessions sont fermées."
            )
        },
        button: "",
        note: |_| {
            "S’il vous le faut plus longtemps, adressez-vous à temps aux personnes qui gèrent le site.".to_owned()
        },
    },
    deleted: Wording {
        subject: |_| "Votre compte a été supprimé".to_owned(),
        text: |site, _| {
            format!(
                "Votre compte sur {site} a été supprimé par une personne qui y était connectée. Jusqu’au moment indiqué, les \
                 personnes qui gèrent le site peuvent le rétablir\u{202f}; ensuite il est effacé définitivement."
            )
        },
        button: "",
        note: |site| format!("Si ce n’était pas vous, prévenez tout de suite les personnes qui gèrent {site}."),
    },
    deleted_for_good: Wording {
        subject: |_| "Votre compte a été supprimé".to_owned(),
        text: |site, _| {
            format!("Votre compte sur {site} a été supprimé définitivement par une personne qui y était connectée.")
        },
        button: "",
        note: |site| format!("Si ce n’était pas vous, prévenez tout de suite les personnes qui gèrent {site}."),
    },
    test: Wording {
        subject: |site| format!("Message d’essai de {site}"),
        text: |site, _| format!("Si vous lisez ceci, {site} peut envoyer des e-mails."),
        button: "",
        note: nothing,
    },
};
