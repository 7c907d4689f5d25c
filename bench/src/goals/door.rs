//! What a question at the door adds to a request that goes through nginx.

use anyhow::Result;

use super::{Bed, Run};
use crate::load::Target;
use crate::workload::{Wallet, Workload};

const WITHOUT: Workload = Workload::Browser("/open/");
const WITH: Workload = Workload::Browser("/guarded/");

impl Run<'_> {
    /// One connection at a time, so that nobody waits for anybody else: the difference of both latencies is the question's.
    pub(super) fn through_nginx(&mut self, reference: &Bed, server: &Bed) -> Result<()> {
        let running = self.place.nginx(server.running.address, reference.running.address)?;
        let target = Target {
            address: running.address,
            people: std::rc::Rc::clone(&server.target.people),
            wallet: Wallet::default(),
        };
        let nginx = Bed {
            name: "nginx",
            running,
            target,
        };
        let contenders = vec![
            nginx.contender("to hello, 1 connection", WITHOUT, 1),
            nginx.contender("to hello after an access check, 1 connection", WITH, 1),
        ];
        self.duel("latency through nginx", contenders).map(drop)
    }
}
