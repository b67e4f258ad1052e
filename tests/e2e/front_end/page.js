// The file that Omneo's CDN serves is made of this one line and the package.
import ShapesSDK from "@omneo/shapes-sdk";

window.ShapesSDK = ShapesSDK;
