/** The page's start. */
import { render } from "preact";
import { followLanguage } from "./language/language.ts";
import { followServer } from "./live.ts";
import { Page } from "./page.tsx";
import { followTheme } from "./theme.ts";

followTheme();
followLanguage();
const page = document.getElementById("page")!;
page.replaceChildren();
render(<Page />, page);
void followServer();
