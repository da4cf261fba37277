// The overview of the API. Without scripts it is complete, but for the name of this program.

import { loadProductName } from "/js/product-name.js";

loadProductName();
