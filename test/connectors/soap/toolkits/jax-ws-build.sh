# Generates and compiles in the working folder. SOAP 1.2 is a "non-standard" binding to JAX-WS 2.3: -extension makes its port too.
set -e
wsimport -extension -Xnocompile -keep -quiet -d . "$HUB_URL/soap/v1?wsdl" -p chainhub
javac -cp /usr/share/java/jaxws-rt.jar -d . "$PROGRAMS/jax-ws-client.java" chainhub/*.java
