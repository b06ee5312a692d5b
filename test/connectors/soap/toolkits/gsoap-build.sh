# Makes client-1.1 and client-1.2 in the working folder. One WSDL with two bindings gives one proxy: the version is chosen when code is generated.
set -e
wsdl2h -o chainhub.h "$HUB_URL/soap/v1?wsdl"
mkdir soap-1.1 soap-1.2
soapcpp2 -1 -j -C -L -w -x -I/usr/share/gsoap/import -dsoap-1.1 chainhub.h
soapcpp2 -2 -j -C -L -w -x -I/usr/share/gsoap/import -dsoap-1.2 chainhub.h
g++ -c -o types.o soap-1.1/soapC.cpp
for version in 1.1 1.2; do
  g++ -Isoap-$version -o client-$version "$PROGRAMS/gsoap-client.cpp" soap-$version/soapChainhubSoap11Proxy.cpp types.o -lgsoap++
done
