// What scripts add to the administration. Every page works without: nothing here is needed, it is only nicer.
"use strict";
