//! Session checks, pages and refreshes, at a thousand users and in a crowd.

use anyhow::Result;

use super::{
    Bed, CONNECTIONS, DOOR, HELLO, MANY, PAGE, REFERENCE_PAGE, REFERENCE_REFRESH, REFERENCE_SESSION, REFRESH, Run,
    SESSION,
};
use crate::fill::{Filled, filled};
use crate::finding::Bound::{AtLeast, AtMost};
use crate::finding::Finding;
use crate::load::Sample;
use crate::servers::{Durability, Program};

impl Run<'_> {
    pub(super) fn sessions_and_pages(&mut self, reference: &Bed, server: &Bed) -> Result<()> {
        let contenders = vec![
            reference.contender("hello", HELLO, CONNECTIONS),
            reference.contender("session", REFERENCE_SESSION, CONNECTIONS),
            server.contender("GET /api/user", SESSION, CONNECTIONS),
            reference.contender("page", REFERENCE_PAGE, CONNECTIONS),
            server.contender("GET /login", PAGE, CONNECTIONS),
            server.contender("access check", DOOR, CONNECTIONS),
        ];
        let measured = self.duel("session checks and pages", contenders)?;
        let session = measured[2].over(&measured[0], Sample::per_cpu_second);
        let page = measured[4].over(&measured[0], Sample::per_cpu_second);
        let door = measured[5].over(&measured[0], Sample::per_cpu_second);
        self.find(Finding::new(
            "G1",
            "access check for a proxy over hello, sessions in memory",
            door.clone(),
            AtLeast(0.70),
            AtLeast(0.80),
        ));
        self.find(Finding::new(
            "G2",
            "access check for a proxy over hello",
            door,
            AtLeast(0.40),
            AtLeast(0.65),
        ));
        self.find(Finding::new(
            "G2",
            "GET /api/user over hello",
            session,
            AtLeast(0.40),
            AtLeast(0.65),
        ));
        self.find(Finding::new(
            "G8",
            "login page over hello",
            page,
            AtLeast(0.30),
            AtLeast(0.45),
        ));
        Ok(())
    }

    pub(super) fn refreshes(&mut self, reference: &Bed, server: &Bed) -> Result<()> {
        let contenders = vec![
            reference.contender("refresh, 16", REFERENCE_REFRESH, CONNECTIONS),
            server.contender("refresh, 16", REFRESH, CONNECTIONS),
        ];
        let measured = self.duel("refresh, NORMAL, 16 connections", contenders)?;
        let ratio = measured[1].over(&measured[0], Sample::per_cpu_second);
        self.find(Finding::new(
            "G4",
            "refresh over the reference's, NORMAL",
            ratio,
            AtLeast(0.6),
            AtLeast(0.7),
        ));
        Ok(())
    }

    pub(super) fn durable_refreshes(&mut self, thousand: &Filled, reference: &Bed, server: &Bed) -> Result<()> {
        let full = Bed::start(self.place, "server, FULL", Program::Server, Durability::Full, thousand)?;
        let reference_full = Bed::start(
            self.place,
            "reference, FULL",
            Program::Reference,
            Durability::Full,
            thousand,
        )?;
        let contenders = vec![
            server.contender("refresh, 64", REFRESH, MANY),
            full.contender("refresh, 64", REFRESH, MANY),
            reference.contender("refresh, 64", REFERENCE_REFRESH, MANY),
            reference_full.contender("refresh, 64", REFERENCE_REFRESH, MANY),
        ];
        let measured = self.duel("refresh, FULL and NORMAL, 64 connections", contenders)?;
        let ratio = measured[1].over(&measured[0], Sample::per_cpu_second);
        self.find(Finding::new(
            "G5",
            "refresh, FULL over NORMAL, 64 connections",
            ratio,
            AtLeast(0.5),
            AtLeast(0.65),
        ));
        self.remember("server, FULL", &full)
    }

    pub(super) fn crowd(&mut self, reference: &Bed, server: &Bed) -> Result<()> {
        let crowd = filled(&self.place.root, self.crowd)?;
        let large_reference = Bed::start(
            self.place,
            "reference, crowd",
            Program::Reference,
            Durability::Normal,
            &crowd,
        )?;
        let large = Bed::start(self.place, "server, crowd", Program::Server, Durability::Normal, &crowd)?;
        // Then it is as after some minutes of work.
        self.everybody(vec![
            large.contender("first check of each", DOOR, CONNECTIONS),
            large_reference.contender("session, each once", REFERENCE_SESSION, CONNECTIONS),
        ])?;
        let sessions = self.duel(
            "access checks, a thousand and a crowd",
            vec![
                server.contender("access check, again", DOOR, CONNECTIONS),
                large.contender("access check", DOOR, CONNECTIONS),
                reference.contender("session, again", REFERENCE_SESSION, CONNECTIONS),
                large_reference.contender("session", REFERENCE_SESSION, CONNECTIONS),
            ],
        )?;
        let cost = sessions[0].over(&sessions[1], Sample::per_cpu_second);
        self.find(Finding::new(
            "G9",
            "cost of an access check, crowd over 1,000",
            cost,
            AtMost(1.5),
            AtMost(1.2),
        ));
        let refreshes = self.duel(
            "refresh, a thousand and a crowd",
            vec![
                server.contender("refresh, 16, again", REFRESH, CONNECTIONS),
                large.contender("refresh, 16", REFRESH, CONNECTIONS),
                reference.contender("refresh, 16, again", REFERENCE_REFRESH, CONNECTIONS),
                large_reference.contender("refresh, 16", REFERENCE_REFRESH, CONNECTIONS),
            ],
        )?;
        let cost = refreshes[0].over(&refreshes[1], Sample::per_cpu_second);
        self.find(Finding::new(
            "G10",
            "cost of a refresh, crowd over 1,000",
            cost,
            AtMost(2.0),
            AtMost(1.5),
        ));
        self.users(&large)?;
        self.remember("server, crowd", &large)?;
        self.remember("reference, crowd", &large_reference)
    }
}
