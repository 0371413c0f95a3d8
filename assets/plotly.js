/* One idea: dcc.Graph fetches its library when the first chart mounts; this points it at the small vendored
   bundle (bar and scatter only, no eval) instead of the 4.8 MB default. The name carries the version. */
Object.defineProperty(window, "_dashPlotlyJSURL", {
  configurable: true,
  get: () => "/assets/vendor/plotly-basic-4.1.1.min.js",
  set: () => {},
});
