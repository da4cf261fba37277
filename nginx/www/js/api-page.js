// The overview of the API. Without scripts it is complete, but for the name of this program and of the user.

import { showHeader } from "/js/site-header.js";

showHeader();
