#include "profile/trend_tables.h"

/* ISO 3166 codes by number of inhabitants (UN World Population Prospects 2022, roughly). It matters only once
 * events come from more than TREND_COUNTRIES countries; a code that is missing comes after all of them. */
static const char by_inhabitants[] = "CNINUSIDPKNGBRBDRUMXJPETPHEGCDVNIRTRDETHGBFRTZZAITKEMMKRCOUG"
                                     "ESDZSDIQARAFPLCAMASAUAAOUZYEPEMYGHMZNPMGVECICMNEAUKPTWMLBFSY"
                                     "LKMWZMROCLKZTDECSNGTSONLKHZWGNRWBJBITNHTBOBEJODOCUSSSEHNCZAZ"
                                     "GRPGPTHUTJAEBYILATCHTGSLHKLARSBGNILYPYKGTMSVSGDKSKFICGNOCFLR"
                                     "PSLBNZCRIEMROMPAKWHRERGEMNUYMDBAPRALAMJMLTGMQAGABWLSSINAGWLV"
                                     "MKGQBHTTTLEEMUCYSZDJFJKMGYBTSBLUMEMTMVCVBNBZISVUBBGLADMCLI";

unsigned trend_country_rank(country_code code)
{
    for (unsigned i = 0; i + 1 < sizeof(by_inhabitants); i += 2)
        if ((uint8_t)by_inhabitants[i] == code >> 8 &&
            (uint8_t)by_inhabitants[i + 1] == (code & 255))
            return i;
    return (unsigned)sizeof(by_inhabitants) + code;
}
